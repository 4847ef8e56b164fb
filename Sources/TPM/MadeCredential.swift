import Cryptography
import TPMState

/// A secret that only the TPM with a given endorsement key gives away, and only when it also holds a given other key
/// (Part 1, 24): `wrapped` is TPM2B_ID_OBJECT's contents, `seed` TPM2B_ENCRYPTED_SECRET's.
public struct MadeCredential: Hashable, Sendable {
  public var wrapped: [UInt8]
  public var seed: [UInt8]

  public init(wrapped: [UInt8], seed: [UInt8]) {
    self.wrapped = wrapped
    self.seed = seed
  }

  /// MakeCredential without a TPM, for the other side: what is to prove that the key of that name is in the TPM of that
  /// endorsement key.
  ///
  /// - Parameters:
  ///   - secret: at most 32 bytes.
  ///   - name: of the other key, as its public area has it.
  ///   - endorsement: RSA 2048 or P-256, by its default template.
  /// - Throws: `malformed` for other keys and longer secrets.
  public init(secret: [UInt8], name: [UInt8], endorsement: PublicKey) throws(TPMError) {
    guard secret.count <= 32 else { throw TPMError(.malformed, "a credential's secret has at most 32 bytes") }
    do {
      let (seed, encrypted) = try Self.seed(for: endorsement)
      let key = try Self.derive(seed, "STORAGE", name, bits: 128)
      var sized = WireWriter()
      sized.writeSized(secret)
      let hidden = try Sealing.aes128CFB(key: key, sized.bytes)
      let integrity = try Sealing.hmacSHA256(key: Self.derive(seed, "INTEGRITY", [], bits: 256), hidden + name)
      var contents = WireWriter()
      contents.writeSized(integrity)
      self.init(wrapped: contents.bytes + hidden, seed: encrypted)
    } catch { throw TPMError(.malformed, "MakeCredential: \(error)") }
  }

  /// A seed for the TPM alone (Part 1, B.10.3 for RSA, C.6.1 for curves).
  private static func seed(for key: PublicKey) throws(CryptographyError) -> (seed: [UInt8], encrypted: [UInt8]) {
    let label = Array("IDENTITY".utf8) + [0]
    switch key.scheme {
    case .rsaPSS:
      let seed = try randomBytes(32)
      return (seed, try Sealing.oaep(seed, to: key, label: label))
    case .ecdsaP256:
      let made = try Sealing.agreement(with: key)
      // KDFe (Part 1, 11.4.10.3), which one round of SHA-256 is enough for.
      let seed = try Digest.of([0, 0, 0, 1] + made.shared + label + made.x + key.der.suffix(64).prefix(32), .sha256)
      var point = WireWriter()
      point.writeSized(made.x)
      point.writeSized(made.y)
      return (seed, point.bytes)
    default: throw CryptographyError(.unsupportedKey, "an endorsement key is RSA or of P-256")
    }
  }

  /// KDFa (Part 1, 11.4.10.2), one round of HMAC-SHA256.
  private static func derive(
    _ key: [UInt8], _ label: String, _ context: [UInt8], bits: UInt32
  ) throws(CryptographyError) -> [UInt8] {
    var length = WireWriter()
    length.write(bits)
    let block = try Sealing.hmacSHA256(
      key: key, [0, 0, 0, 1] + Array(label.utf8) + [0] + context + length.bytes)
    return Array(block.prefix(Int(bits / 8)))
  }
}
