import Cryptography

/// A key as metadata lists it (specification, section 4.2.2).
public struct Key: Sendable, Equatable {
  public let keyid: String
  /// The whole object with fields that are not known here; the key id covers them.
  public let json: JSONValue
  /// Nil when signatures by it never count: an unknown scheme, unreadable bytes, or a key id that is not its own.
  public let publicKey: PublicKey?

  /// Throws `malformed` when the object lacks what every key has.
  init(keyid: String, json: JSONValue) throws(TUFError) {
    let fields = try Fields(json, "key \(keyid)")
    let (keytype, scheme) = (try fields.string("keytype"), try fields.string("scheme"))
    _ = try fields.fields("keyval")
    self.keyid = keyid
    self.json = json
    // Section 4.3: clients calculate each key id. One wrong entry makes that key useless, not the whole file.
    guard let own = try? sha256(CanonicalJSON.encode(json)).hex, own == keyid else {
      publicKey = nil
      return
    }
    publicKey = Self.publicKey(keytype, scheme, json["keyval"]?["public"]?.string ?? "")
  }

  /// The entry for `publicKey`, its id calculated.
  public init(_ publicKey: PublicKey) throws(CryptographyError) {
    let keytype =
      switch publicKey.scheme {
      case .ed25519: "ed25519"
      case .ecdsaP256, .ecdsaP384: "ecdsa"
      case .rsaPSS: "rsa"
      }
    let text = publicKey.ed25519Bytes.map { Hex.encode($0) } ?? publicKey.pem
    json = .object([
      "keytype": .string(keytype), "scheme": .string(publicKey.scheme.rawValue),
      "keyval": .object(["public": .string(text)]),
    ])
    keyid = try sha256(CanonicalJSON.encode(json)).hex
    self.publicKey = publicKey
  }

  private static func publicKey(_ keytype: String, _ scheme: String, _ text: String) -> PublicKey? {
    guard let scheme = SignatureScheme(rawValue: scheme) else { return nil }
    let key: PublicKey?
    switch (scheme, keytype) {
    case (.ed25519, "ed25519"): key = Hex.decode(text).flatMap { try? PublicKey(ed25519: $0) }
    case (.ecdsaP256, "ecdsa"), (.ecdsaP256, "ecdsa-sha2-nistp256"), (.ecdsaP384, "ecdsa"),
      (.ecdsaP384, "ecdsa-sha2-nistp384"), (.rsaPSS, "rsa"):
      key = try? PublicKey(pem: Array(text.utf8))
    default: key = nil
    }
    return key?.scheme == scheme ? key : nil
  }
}
