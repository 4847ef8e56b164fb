/// What a look at a device's TPM found: what it says of itself when it can be used, or why it cannot.
public struct TPMFacts: Sendable, Equatable {
  /// Where was looked.
  public let tcti: String
  public let outcome: Result<TPMProperties, TPMError>

  public init(_ tcti: String, _ outcome: Result<TPMProperties, TPMError>) {
    self.tcti = tcti
    self.outcome = outcome
  }

  /// Opens the TPM and asks it, changing nothing. It blocks for as long as the TPM takes: the caller sets the bound.
  public static func gather(_ tcti: TCTI) -> TPMFacts {
    TPMFacts(tcti.description, Result { () throws(TPMError) in try look(tcti) })
  }

  private static func look(_ tcti: TCTI) throws(TPMError) -> TPMProperties {
    let device = try TPMDevice(tcti)
    let properties = try device.properties()
    try device.test()
    try properties.checkUsable()
    return properties
  }
}

extension TPMProperties {
  /// Pure. Throws `notTPM2`, `lockout`, `ownerPassword`, or `unusable` for a TPM whose firmware keeps it closed.
  func checkUsable() throws(TPMError) {
    guard family.hasPrefix("2.") else { throw TPMError(.notTPM2, "family \(family)") }
    guard storageEnabled, endorsementEnabled else {
      throw TPMError(
        .unusable, "the firmware has turned off the hierarchy of \(storageEnabled ? "endorsement" : "storage")")
    }
    guard !isInLockout else {
      throw TPMError(
        .lockout(counter: lockoutCounter, recoverySeconds: lockoutIntervalSeconds),
        "\(lockoutCounter) of \(lockoutMaximum)")
    }
    guard !ownerHasPassword, !endorsementHasPassword else {
      throw TPMError(.ownerPassword, "for the hierarchy of \(ownerHasPassword ? "storage" : "endorsement")")
    }
  }
}
