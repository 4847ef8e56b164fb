import COpenSSL

/// A private key. It lives in libcrypto's memory, which is cleared when the last copy of this value goes.
public struct PrivateKey: Sendable {
  public let publicKey: PublicKey
  private let storage: Storage

  private final class Storage: Sendable {
    let handle: KeyHandle
    init(_ handle: consuming KeyHandle) { self.handle = handle }
  }

  init(_ handle: consuming KeyHandle) throws(CryptographyError) {
    publicKey = try PublicKey(handle)
    storage = Storage(handle)
  }

  /// A new key from the operating system's randomness; RSA gets 3072 bits.
  public static func generate(_ scheme: SignatureScheme = .ed25519) throws(CryptographyError) -> PrivateKey {
    try Library.prepare()
    let pointer =
      switch scheme {
      case .ed25519: ed25519Key()
      case .ecdsaP256: shim_EVP_EC_gen("P-256")
      case .ecdsaP384: shim_EVP_EC_gen("P-384")
      case .rsaPSS: shim_EVP_RSA_gen(3072)
      }
    return try PrivateKey(KeyHandle(owning: pointer, or: Library.failure("key generation")))
  }

  private static func ed25519Key() -> OpaquePointer? {
    guard let context = EVP_PKEY_CTX_new_id(EVP_PKEY_ED25519, nil) else { return nil }
    defer { EVP_PKEY_CTX_free(context) }
    var key: OpaquePointer?
    guard EVP_PKEY_keygen_init(context) == 1, EVP_PKEY_keygen(context, &key) == 1 else { return nil }
    return key
  }

  /// The signature over `message` by this key's scheme; ed25519 gives the same bytes every time.
  public func sign(_ message: [UInt8]) throws(CryptographyError) -> [UInt8] {
    try Library.prepare()
    let context = try DigestContext()
    var options: OpaquePointer?
    let scheme = publicKey.scheme
    guard EVP_DigestSignInit(context.pointer, &options, scheme.digest, nil, storage.handle.pointer) == 1 else {
      throw Library.failure("signing start")
    }
    try scheme.configure(options, saltLength: RSA_PSS_SALTLEN_DIGEST)
    var count = 0
    guard EVP_DigestSign(context.pointer, nil, &count, message, message.count) == 1 else {
      throw Library.failure("signature length")
    }
    var signature = [UInt8](repeating: 0, count: count)
    guard EVP_DigestSign(context.pointer, &signature, &count, message, message.count) == 1 else {
      throw Library.failure("signing")
    }
    return Array(signature.prefix(count))
  }

  /// Calls `body` with the key's handle, which outlives the call.
  func withHandle<R: ~Copyable>(
    _ body: (borrowing KeyHandle) throws(CryptographyError) -> R
  ) throws(CryptographyError) -> R {
    try body(storage.handle)
  }
}
