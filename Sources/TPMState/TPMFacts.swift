/// What a look at a device's TPM found: what it says of itself when it can be used, or why it cannot.
public struct TPMFacts: Sendable, Equatable {
  /// Where was looked.
  public let tcti: String
  public let outcome: Result<TPMProperties, TPMError>

  public init(_ tcti: String, _ outcome: Result<TPMProperties, TPMError>) {
    self.tcti = tcti
    self.outcome = outcome
  }
}
