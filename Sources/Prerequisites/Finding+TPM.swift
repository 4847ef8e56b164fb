import TPMState

extension Finding {
  /// A product that can do without a TPM is warned of one that cannot be used. So is a user who may not open it: nothing
  /// is known then, and `slipway check` is for everybody.
  static func tpm(_ needs: PrerequisiteNeeds, _ facts: HostFacts) -> Finding {
    guard needs.rules.tpm != .ignored else { return notChecked("the product does not use a TPM", contradiction) }
    guard let tpm = facts.tpm else {
      return notChecked("nobody looked", "Run it again; if that does not help, report these words.")
    }
    switch tpm.outcome {
    case .success(let properties):
      return pass("TPM \(properties.family) of \(properties.manufacturer), firmware \(properties.firmware)")
    case .failure(let error):
      let isForbidden = error.code == .permission && facts.user != 0
      let reason = "\(error.reason) (\(error.detail))"
      return needs.requires(.tpm) && !isForbidden ? fail(reason, remedy(error)) : warn(reason, remedy(error))
    }
  }

  private static let contradiction =
    "The product's manifest says both that no TPM is used and that this check is required: tell its publisher."

  /// Where there is none, the words that admins know.
  private static func remedy(_ error: TPMError) -> String {
    error.code == .noDevice ? KnownMessage.tpmRemedy : error.remedy
  }
}
