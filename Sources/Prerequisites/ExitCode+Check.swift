import Product

extension ExitCode {
  /// What a failed check means for the whole run.
  public init(failed check: Check) {
    self =
      switch check {
      case .elevation: .notElevated
      case .tpm: .tpm
      case .accounts: .accountMissing
      case .proxy, .network: .networkOrProxy
      case .disk: .diskSpace
      case .os, .clock, .libraries, .services: .otherPrerequisite
      }
  }
}
