/// Why a signer gave no answer that can be used. Two errors are equal when their codes are.
public struct SignerError: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Code: Sendable, Hashable, CaseIterable {
    /// Nobody listens on the socket: the product uses no TPM, or its units do not run.
    case unavailable
    /// The signer serves another user.
    case forbidden
    /// The connection ended before the answer did.
    case interrupted
    /// No answer within the time allowed.
    case overdue
    /// An answer that is none of a signer's.
    case malformed
    /// The TPM cannot do it now, and may a little later.
    case busy
    /// The TPM cannot do it, or the device has no key: somebody has to do something first.
    case refused
  }

  public let code: Code
  /// The socket, or the signer's own words.
  public let detail: String

  public init(_ code: Code, _ detail: String) {
    self.code = code
    self.detail = detail
  }

  /// Whether the same question may be answered later without anybody doing anything.
  public var isTransient: Bool {
    switch code {
    case .interrupted, .overdue, .busy: true
    case .unavailable, .forbidden, .malformed, .refused: false
    }
  }

  public static func == (one: SignerError, other: SignerError) -> Bool { one.code == other.code }

  public var description: String { "\(reason) (\(detail))" }

  private var reason: String {
    switch code {
    case .unavailable: "the TPM's signer does not listen"
    case .forbidden: "the TPM's signer serves another user"
    case .interrupted: "the TPM's signer ended before it had answered"
    case .overdue: "the TPM's signer did not answer in time"
    case .malformed: "the TPM's signer answered what cannot be read"
    case .busy: "the TPM cannot be used now"
    case .refused: "the TPM's signer refuses"
    }
  }
}
