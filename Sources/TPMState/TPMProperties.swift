/// What a TPM says of itself (TPM_PT; Part 2, 6.13).
public struct TPMProperties: Sendable, Equatable {
  /// Up to four letters of the TCG's vendor list, such as `INTC`.
  public var manufacturer = ""
  /// `2.0`.
  public var family = ""
  /// In the maker's own counting.
  public var firmware = ""
  /// Whether the hierarchies that our keys are of can be used, and without a password.
  public var storageEnabled = true
  public var endorsementEnabled = true
  public var ownerHasPassword = false
  public var endorsementHasPassword = false
  /// Whether wrong passwords have locked it.
  public var isInLockout = false
  /// Wrong passwords so far, and how many lead to a lockout.
  public var lockoutCounter: UInt32 = 0
  public var lockoutMaximum: UInt32 = 0
  /// Seconds until one wrong password is forgotten.
  public var lockoutIntervalSeconds: UInt32 = 0
  /// The most bytes that one read of its storage gives.
  public var storageReadBytes: UInt32 = 512

  public init() {}
}

extension TPMProperties {
  /// Pure. Throws `notTPM2`, `lockout`, `ownerPassword`, or `unusable` for a TPM whose firmware keeps it closed.
  public func checkUsable() throws(TPMError) {
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
