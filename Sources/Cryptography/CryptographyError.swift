/// What went wrong with a digest, a key or a signature. Two errors are equal when their codes are.
public struct CryptographyError: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Code: String, Sendable {
    /// The passphrase does not open the key, or a passphrase is needed and none was given.
    case wrongPassphrase
    /// The bytes are not a key in the expected encoding.
    case malformedKey
    /// A well-formed key of a kind, curve, size or encryption that is not accepted here.
    case unsupportedKey
    /// The bytes are not a certificate.
    case malformedCertificate
    /// No chain of valid certificates leads to one that is trusted.
    case untrusted
    /// The library refused an operation that should work, such as running out of memory.
    case failed
  }

  public let code: Code
  /// What was being done, for people.
  public let detail: String

  public init(_ code: Code, _ detail: String) {
    self.code = code
    self.detail = detail
  }

  public var description: String {
    switch code {
    case .wrongPassphrase: "wrong passphrase: \(detail)"
    case .malformedKey: "malformed key: \(detail)"
    case .unsupportedKey: "unsupported key: \(detail)"
    case .malformedCertificate: "malformed certificate: \(detail)"
    case .untrusted: "untrusted certificate: \(detail)"
    case .failed: "cryptographic library: \(detail)"
    }
  }

  public static func == (one: CryptographyError, other: CryptographyError) -> Bool { one.code == other.code }
}
