import Cryptography
import TPMState

/// What a TPM tells of a key: its kind, what it may be used for, and its public half (TPMT_PUBLIC; Part 2, 12.2.4). Also
/// the template that a key is made by. Only the kinds that Slipway makes can be read; names are by SHA-256.
public struct PublicArea: Hashable, Sendable {
  /// What a key may and must (TPMA_OBJECT; Part 2, 8.3).
  public struct Attributes: OptionSet, Hashable, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let fixedTPM = Attributes(rawValue: 1 << 1)
    public static let fixedParent = Attributes(rawValue: 1 << 4)
    public static let sensitiveDataOrigin = Attributes(rawValue: 1 << 5)
    public static let userWithAuth = Attributes(rawValue: 1 << 6)
    public static let adminWithPolicy = Attributes(rawValue: 1 << 7)
    /// Use of it neither counts for the lockout nor is stopped by it.
    public static let noDA = Attributes(rawValue: 1 << 10)
    public static let restricted = Attributes(rawValue: 1 << 16)
    public static let decrypt = Attributes(rawValue: 1 << 17)
    public static let sign = Attributes(rawValue: 1 << 18)
  }

  public enum Key: Hashable, Sendable {
    /// An exponent of 0 means 65537.
    case rsa(bits: UInt16, exponent: UInt32, modulus: [UInt8])
    case p256(x: [UInt8], y: [UInt8])
  }

  public enum Use: Hashable, Sendable {
    /// Wraps other keys or credentials with AES-128-CFB.
    case storage
    case ecdsaSHA256
  }

  public var attributes: Attributes
  public var policy: [UInt8]
  public var use: Use
  public var key: Key

  /// The name that a TPM knows it by: the digest's algorithm, and the digest of the encoding (Part 1, 16).
  public func name() throws(TPMError) -> [UInt8] {
    do { return [0, UInt8(Algorithm.sha256)] + (try Digest.of(encoded, .sha256)) } catch {
      throw TPMError(.unusable, "\(error)")
    }
  }

  /// The public half. Throws `malformed` for one that is no point of the curve, or too short.
  public func publicKey() throws(TPMError) -> PublicKey {
    do {
      switch key {
      case .rsa(_, let exponent, let modulus):
        return try PublicKey(rsaModulus: modulus, exponent: exponent == 0 ? 65_537 : exponent)
      case .p256(let x, let y): return try PublicKey(p256X: x, y: y)
      }
    } catch { throw TPMError(.malformed, "public key: \(error)") }
  }
}

/// Numbers of algorithms (TPM_ALG_ID and TPM_ECC_CURVE; Part 2, 6.3 and 6.4).
enum Algorithm {
  static let rsa: UInt16 = 0x01
  static let aes: UInt16 = 0x06
  static let sha256: UInt16 = 0x0B
  static let null: UInt16 = 0x10
  static let ecdsa: UInt16 = 0x18
  static let ecc: UInt16 = 0x23
  static let cfb: UInt16 = 0x43
  static let p256: UInt16 = 0x03
}
