import TPMState

extension PublicArea {
  /// TPMT_PUBLIC as bytes, which names are made of.
  public var encoded: [UInt8] {
    var writer = WireWriter()
    switch key {
    case .rsa: writer.write(Algorithm.rsa)
    case .p256: writer.write(Algorithm.ecc)
    }
    writer.write(Algorithm.sha256)
    writer.write(attributes.rawValue)
    writer.writeSized(policy)
    let details: [UInt16] =
      switch use {
      case .storage: [Algorithm.aes, 128, Algorithm.cfb, Algorithm.null]
      case .ecdsaSHA256: [Algorithm.null, Algorithm.ecdsa, Algorithm.sha256]
      }
    for detail in details { writer.write(detail) }
    switch key {
    case .rsa(let bits, let exponent, let modulus):
      writer.write(bits)
      writer.write(exponent)
      writer.writeSized(modulus)
    case .p256(let x, let y):
      writer.write(Algorithm.p256)
      writer.write(Algorithm.null)
      writer.writeSized(x)
      writer.writeSized(y)
    }
    return writer.bytes
  }

  /// Reads TPMT_PUBLIC. Throws `malformed` for anything but whole areas of the kinds known here.
  public init(encoded bytes: [UInt8]) throws(TPMError) {
    var reader = WireReader(bytes)
    let kind = try reader.readUInt16()
    try reader.expect(Algorithm.sha256, "name algorithm")
    attributes = Attributes(rawValue: try reader.readUInt32())
    policy = try reader.readSized()
    switch try reader.readUInt16() {
    case Algorithm.aes:
      try reader.expect(128, "AES key size")
      try reader.expect(Algorithm.cfb, "AES mode")
      try reader.expect(Algorithm.null, "scheme")
      use = .storage
    case Algorithm.null:
      try reader.expect(Algorithm.ecdsa, "scheme")
      try reader.expect(Algorithm.sha256, "scheme's digest")
      use = .ecdsaSHA256
    case let other: throw TPMError(.malformed, "symmetric algorithm \(other)")
    }
    switch kind {
    case Algorithm.rsa:
      key = .rsa(bits: try reader.readUInt16(), exponent: try reader.readUInt32(), modulus: try reader.readSized())
    case Algorithm.ecc:
      try reader.expect(Algorithm.p256, "curve")
      try reader.expect(Algorithm.null, "key derivation")
      key = .p256(x: try reader.readSized(), y: try reader.readSized())
    default: throw TPMError(.malformed, "a key of kind \(kind)")
    }
    try reader.end()
  }
}

extension WireReader {
  fileprivate mutating func expect(_ value: UInt16, _ what: String) throws(TPMError) {
    let found = try readUInt16()
    guard found == value else { throw TPMError(.malformed, "\(what) \(found), \(value) expected") }
  }
}
