import COpenSSL

/// Operations that the TPM's protocols are made of.
public enum Sealing {
  /// HMAC-SHA256 (RFC 2104): 32 bytes.
  public static func hmacSHA256(key: [UInt8], _ message: [UInt8]) throws(CryptographyError) -> [UInt8] {
    try Library.prepare()
    var code = [UInt8](repeating: 0, count: 32)
    var count: UInt32 = 0
    guard HMAC(EVP_sha256(), key, Int32(key.count), message, message.count, &code, &count) != nil, count == 32 else {
      throw Library.failure("HMAC")
    }
    return code
  }

  /// AES-128 in CFB mode of whole blocks, the initialization vector all zeros: for keys that are used once.
  ///
  /// - Precondition: `key` has 16 bytes.
  public static func aes128CFB(key: [UInt8], _ plaintext: [UInt8]) throws(CryptographyError) -> [UInt8] {
    precondition(key.count == 16)
    try Library.prepare()
    guard let context = EVP_CIPHER_CTX_new() else { throw CryptographyError(.failed, "cipher context") }
    defer { EVP_CIPHER_CTX_free(context) }
    let zeros = [UInt8](repeating: 0, count: 16)
    var ciphertext = [UInt8](repeating: 0, count: plaintext.count + 16)
    var count: Int32 = 0
    guard EVP_EncryptInit_ex(context, EVP_aes_128_cfb128(), nil, key, zeros) == 1,
      EVP_EncryptUpdate(context, &ciphertext, &count, plaintext, Int32(plaintext.count)) == 1,
      Int(count) == plaintext.count
    else { throw Library.failure("AES") }
    return Array(ciphertext.prefix(plaintext.count))
  }

  /// RSAES-OAEP with SHA-256 (RFC 8017, 7.1), the label as given. Throws `unsupportedKey` for keys other than RSA.
  public static func oaep(
    _ message: [UInt8], to key: PublicKey, label: [UInt8]
  ) throws(CryptographyError) -> [UInt8] {
    guard key.scheme == .rsaPSS else { throw CryptographyError(.unsupportedKey, "OAEP needs an RSA key") }
    try Library.prepare()
    let handle = try SubjectPublicKeyInfo.handle(key.der, key.scheme)
    guard let context = EVP_PKEY_CTX_new(handle.pointer, nil) else { throw Library.failure("OAEP") }
    defer { EVP_PKEY_CTX_free(context) }
    guard EVP_PKEY_encrypt_init(context) == 1, EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1,
      EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()) == 1,
      EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) == 1, shim_set_oaep_label(context, label, label.count) == 1
    else { throw Library.failure("OAEP") }
    var count = Int(EVP_PKEY_get_size(handle.pointer))
    var ciphertext = [UInt8](repeating: 0, count: count)
    guard EVP_PKEY_encrypt(context, &ciphertext, &count, message, message.count) == 1 else {
      throw Library.failure("OAEP")
    }
    return Array(ciphertext.prefix(count))
  }

  /// A new P-256 key's point and what it agrees upon with `key` (SEC 1, 3.3.1): x of the shared point, 32 bytes.
  /// Throws `unsupportedKey` for keys other than of P-256.
  public static func agreement(
    with key: PublicKey
  ) throws(CryptographyError) -> (x: [UInt8], y: [UInt8], shared: [UInt8]) {
    guard key.scheme == .ecdsaP256 else { throw CryptographyError(.unsupportedKey, "a key of P-256 is needed") }
    let ephemeral = try PrivateKey.generate(.ecdsaP256)
    let peer = try SubjectPublicKeyInfo.handle(key.der, key.scheme)
    let shared = try ephemeral.withHandle { (handle) throws(CryptographyError) in
      guard let context = EVP_PKEY_CTX_new(handle.pointer, nil) else { throw Library.failure("ECDH") }
      defer { EVP_PKEY_CTX_free(context) }
      var count = 32
      var shared = [UInt8](repeating: 0, count: count)
      guard EVP_PKEY_derive_init(context) == 1, EVP_PKEY_derive_set_peer(context, peer.pointer) == 1,
        EVP_PKEY_derive(context, &shared, &count) == 1, count == 32
      else { throw Library.failure("ECDH") }
      return shared
    }
    let point = ephemeral.publicKey.der.suffix(64)
    return (Array(point.prefix(32)), Array(point.suffix(32)), shared)
  }
}
