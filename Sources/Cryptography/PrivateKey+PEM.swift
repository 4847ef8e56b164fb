import COpenSSL

/// Private keys at rest: PKCS#8 (RFC 5958) in PEM, encrypted by PBES2 (RFC 8018) with AES-256-CBC and scrypt (RFC 7914).
extension PrivateKey {
  /// scrypt's cost: 16 MiB of memory, the most that other readers of the format allow by default, five times over.
  private static let scrypt = (n: UInt64(16_384), r: UInt64(8), p: UInt64(5))

  /// Reads "ENCRYPTED PRIVATE KEY" with its passphrase, or "PRIVATE KEY", which has none.
  ///
  /// Throws `wrongPassphrase` (also when one is needed and `passphrase` is nil), `malformedKey`, or `unsupportedKey`
  /// for other PEM blocks, other kinds of key and encryption that this build does not know.
  public init(pem: [UInt8], passphrase: [UInt8]? = nil) throws(CryptographyError) {
    try Library.prepare()
    defer { ERR_clear_error() }
    let block = try PEMBlock(pem)
    switch block.label {
    case "PRIVATE KEY": try self.init(KeyInfo(decoding: block))
    case "ENCRYPTED PRIVATE KEY": try self.init(KeyInfo(decrypting: block, passphrase: passphrase))
    default: throw CryptographyError(.unsupportedKey, "a PEM block \"\(block.label)\"; PKCS#8 is expected")
    }
  }

  private init(_ info: consuming KeyInfo) throws(CryptographyError) {
    let handle = try KeyHandle(owning: EVP_PKCS82PKEY(info.pointer), or: Self.unreadable())
    try self.init(handle)
  }

  private static func unreadable() -> CryptographyError {
    let unsupported = Library.drainErrors().contains {
      $0.reason == EVP_R_UNSUPPORTED_PRIVATE_KEY_ALGORITHM && $0.library == ERR_LIB_EVP
    }
    return unsupported
      ? CryptographyError(.unsupportedKey, "a kind of key that this build does not know")
      : CryptographyError(.malformedKey, "the PKCS#8 block holds no readable key")
  }

  /// The key as "ENCRYPTED PRIVATE KEY", readable by openssl(1). The salt is new every time.
  public func encryptedPEM(passphrase: [UInt8]) throws(CryptographyError) -> [UInt8] {
    try Library.prepare()
    guard !passphrase.isEmpty, passphrase.count <= 1024 else {
      throw CryptographyError(.wrongPassphrase, "a passphrase has 1 to 1024 bytes")
    }
    let cost = Self.scrypt
    let info = try withHandle { (key) throws(CryptographyError) in try KeyInfo(of: key) }
    let salt = try randomBytes(16)
    guard
      let algorithm = PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), salt, Int32(salt.count), nil, cost.n, cost.r, cost.p)
    else { throw Library.failure("scrypt parameters") }
    let sealed = passphrase.withUnsafeBytes {
      PKCS8_set0_pbe($0.bindMemory(to: CChar.self).baseAddress, Int32($0.count), info.pointer, algorithm)
    }
    guard let sealed else {
      X509_ALGOR_free(algorithm)
      throw Library.failure("key encryption")
    }
    defer { X509_SIG_free(sealed) }
    let stream = try MemoryStream()
    guard PEM_write_bio_PKCS8(stream.pointer, sealed) == 1 else { throw Library.failure("PEM encoding") }
    return stream.bytes
  }
}
