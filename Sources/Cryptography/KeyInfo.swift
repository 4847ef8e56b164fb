import COpenSSL

/// Owns one `PKCS8_PRIV_KEY_INFO`, a private key decrypted but not yet interpreted.
struct KeyInfo: ~Copyable {
  let pointer: OpaquePointer

  init(of key: borrowing KeyHandle) throws(CryptographyError) {
    guard let pointer = EVP_PKEY2PKCS8(key.pointer) else { throw Library.failure("key encoding") }
    self.pointer = pointer
  }

  init(decoding block: borrowing PEMBlock) throws(CryptographyError) {
    var position: UnsafePointer<UInt8>? = UnsafePointer(block.data)
    guard let pointer = d2i_PKCS8_PRIV_KEY_INFO(nil, &position, block.count) else {
      throw CryptographyError(.malformedKey, "not PKCS#8")
    }
    self.pointer = pointer
  }

  init(decrypting block: borrowing PEMBlock, passphrase: [UInt8]?) throws(CryptographyError) {
    var position: UnsafePointer<UInt8>? = UnsafePointer(block.data)
    guard let sealed = d2i_X509_SIG(nil, &position, block.count) else {
      throw CryptographyError(.malformedKey, "not an encrypted PKCS#8 block")
    }
    defer { X509_SIG_free(sealed) }
    guard let passphrase else { throw CryptographyError(.wrongPassphrase, "the key is encrypted; none was given") }
    let opened = passphrase.withUnsafeBytes {
      PKCS8_decrypt(sealed, $0.bindMemory(to: CChar.self).baseAddress, Int32(truncatingIfNeeded: $0.count))
    }
    guard let opened else { throw Self.refusal(Library.drainErrors()) }
    pointer = opened
  }

  deinit { PKCS8_PRIV_KEY_INFO_free(pointer) }

  /// A wrong passphrase shows as bad padding, or once in 256 times as plaintext that is not ASN.1.
  private static func refusal(_ errors: [(library: Int32, reason: Int32)]) -> CryptographyError {
    func holds(_ library: Int32, _ reasons: Int32...) -> Bool {
      errors.contains { $0.library == library && reasons.contains($0.reason) }
    }
    if holds(
      ERR_LIB_EVP, EVP_R_UNKNOWN_PBE_ALGORITHM, EVP_R_UNSUPPORTED_CIPHER, EVP_R_UNSUPPORTED_PRF,
      EVP_R_UNSUPPORTED_KEY_DERIVATION_FUNCTION, EVP_R_UNKNOWN_CIPHER, EVP_R_UNSUPPORTED_KEYLENGTH)
      || errors.contains(where: { $0.reason == ERR_R_UNSUPPORTED })
    {
      return CryptographyError(.unsupportedKey, "an encryption that this build does not know")
    }
    if holds(ERR_LIB_PROV, PROV_R_BAD_DECRYPT) || holds(ERR_LIB_EVP, EVP_R_BAD_DECRYPT)
      || holds(ERR_LIB_PKCS12, PKCS12_R_DECODE_ERROR)
    {
      return CryptographyError(.wrongPassphrase, "it does not open the key")
    }
    return CryptographyError(.malformedKey, "damaged encryption parameters or contents")
  }
}
