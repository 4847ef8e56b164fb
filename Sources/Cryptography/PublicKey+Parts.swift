extension PublicKey {
  /// rsaEncryption without parameters of its own (RFC 8017, A.1).
  private static let rsaAlgorithm = Hex.decode("300d06092a864886f70d0101010500") ?? []

  /// The RSA key of this modulus. Throws `malformedKey`, or `unsupportedKey` for fewer than 2048 bits.
  public init(rsaModulus modulus: [UInt8], exponent: UInt32) throws(CryptographyError) {
    let power = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: exponent >> $0) }
    let key = DER.sequence([DER.integer(modulus), DER.integer(power)])
    try self.init(der: DER.sequence([Self.rsaAlgorithm, DER.bitString(key)]))
  }

  /// The ECDSA key of this point of P-256, coordinates big-endian. Throws `malformedKey` for what is no point of it.
  public init(p256X x: [UInt8], y: [UInt8]) throws(CryptographyError) {
    guard x.count <= 32, y.count <= 32 else { throw CryptographyError(.malformedKey, "a coordinate has 32 bytes") }
    let point = [x, y].flatMap { [UInt8](repeating: 0, count: 32 - $0.count) + $0 }
    try self.init(der: SubjectPublicKeyInfo.p256Prefix + [4] + point)
  }

  /// The key of a SubjectPublicKeyInfo.
  public init(der: [UInt8]) throws(CryptographyError) {
    try Library.prepare()
    try self.init(SubjectPublicKeyInfo.handle(der, .rsaPSS))
  }
}
