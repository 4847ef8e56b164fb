import COpenSSL

/// The one encoding of a public key that this module compares and hashes.
///
/// A curve point has several encodings (compressed, explicit parameters). If two of them counted as two keys, one
/// signer could meet a threshold of two.
enum SubjectPublicKeyInfo {
  /// DER up to the key's own bytes: algorithm identifiers of RFC 8410 and RFC 5480, then the bit string's head.
  static let ed25519Prefix = Hex.decode("302a300506032b6570032100") ?? []
  static let p256Prefix = Hex.decode("3059301306072a8648ce3d020106082a8648ce3d030107034200") ?? []
  static let p384Prefix = Hex.decode("3076301006072a8648ce3d020106052b81040022036200") ?? []

  static func handle(_ der: [UInt8], _ scheme: SignatureScheme) throws(CryptographyError) -> KeyHandle {
    // Without the search for a decoder, which takes as long as the verification itself.
    if scheme == .ed25519 {
      let raw = Array(der.suffix(32))
      return try KeyHandle(
        owning: EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, raw, raw.count),
        or: CryptographyError(.malformedKey, "not an ed25519 key"))
    }
    let key = der.withUnsafeBufferPointer { buffer in
      var position = buffer.baseAddress
      return d2i_PUBKEY(nil, &position, buffer.count)
    }
    return try KeyHandle(owning: key, or: CryptographyError(.malformedKey, "not a public key in DER"))
  }

  static func canonical(_ key: borrowing KeyHandle) throws(CryptographyError) -> (SignatureScheme, [UInt8]) {
    switch EVP_PKEY_get_base_id(key.pointer) {
    case EVP_PKEY_ED25519: return (.ed25519, ed25519Prefix + (try ed25519(key)))
    case EVP_PKEY_EC: return try ellipticCurve(key)
    case EVP_PKEY_RSA:
      guard EVP_PKEY_get_bits(key.pointer) >= 2048 else {
        throw CryptographyError(.unsupportedKey, "RSA of fewer than 2048 bits")
      }
      return (.rsaPSS, try encoded(key))
    default: throw CryptographyError(.unsupportedKey, "neither ed25519, ECDSA nor RSA")
    }
  }

  private static func ed25519(_ key: borrowing KeyHandle) throws(CryptographyError) -> [UInt8] {
    var raw = [UInt8](repeating: 0, count: 32)
    var count = raw.count
    guard EVP_PKEY_get_raw_public_key(key.pointer, &raw, &count) == 1, count == 32 else {
      throw Library.failure("raw public key")
    }
    return raw
  }

  private static func ellipticCurve(_ key: borrowing KeyHandle) throws(CryptographyError) -> (SignatureScheme, [UInt8])
  {
    var name = [CChar](repeating: 0, count: 64)
    var count = 0
    guard EVP_PKEY_get_group_name(key.pointer, &name, name.count, &count) == 1 else {
      ERR_clear_error()
      throw CryptographyError(.unsupportedKey, "curve without a name")
    }
    let curve = String(decoding: name.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    switch curve {
    case "prime256v1": return (.ecdsaP256, p256Prefix + (try point(key, coordinateLength: 32)))
    case "secp384r1": return (.ecdsaP384, p384Prefix + (try point(key, coordinateLength: 48)))
    default: throw CryptographyError(.unsupportedKey, "curve \(curve)")
    }
  }

  /// The uncompressed point of SEC 1, 2.3.3: 04, x, y.
  private static func point(_ key: borrowing KeyHandle, coordinateLength: Int) throws(CryptographyError) -> [UInt8] {
    var point: [UInt8] = [4]
    for coordinate in [OSSL_PKEY_PARAM_EC_PUB_X, OSSL_PKEY_PARAM_EC_PUB_Y] {
      var number: OpaquePointer?
      guard EVP_PKEY_get_bn_param(key.pointer, coordinate, &number) == 1 else { throw Library.failure("curve point") }
      defer { BN_free(number) }
      var bytes = [UInt8](repeating: 0, count: coordinateLength)
      guard BN_bn2binpad(number, &bytes, Int32(coordinateLength)) == Int32(coordinateLength) else {
        throw Library.failure("curve point")
      }
      point += bytes
    }
    return point
  }

  private static func encoded(_ key: borrowing KeyHandle) throws(CryptographyError) -> [UInt8] {
    var start: UnsafeMutablePointer<UInt8>?
    let count = i2d_PUBKEY(key.pointer, &start)
    guard count > 0, let start else { throw Library.failure("public key encoding") }
    defer { shim_OPENSSL_free(start) }
    return Array(UnsafeBufferPointer(start: start, count: Int(count)))
  }
}
