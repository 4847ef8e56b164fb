import TPMState

/// Writes the TPM's own encoding: numbers big-endian, byte strings after their length in two bytes (Part 2, 4.3).
struct WireWriter {
  private(set) var bytes: [UInt8] = []

  mutating func write(_ value: UInt16) { bytes += [UInt8(value >> 8), UInt8(value & 0xFF)] }

  mutating func write(_ value: UInt32) {
    write(UInt16(value >> 16))
    write(UInt16(value & 0xFFFF))
  }

  /// - Precondition: fewer than 65,536 bytes.
  mutating func writeSized(_ string: [UInt8]) {
    write(UInt16(string.count))
    bytes += string
  }
}

/// Reads the same. Every read throws `malformed` where the bytes end early.
struct WireReader {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  mutating func take(_ count: Int) throws(TPMError) -> [UInt8] {
    guard rest.count >= count else { throw TPMError(.malformed, "\(count) bytes wanted, \(rest.count) left") }
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }

  mutating func readUInt16() throws(TPMError) -> UInt16 {
    let two = try take(2)
    return UInt16(two[0]) << 8 | UInt16(two[1])
  }

  mutating func readUInt32() throws(TPMError) -> UInt32 {
    UInt32(try readUInt16()) << 16 | UInt32(try readUInt16())
  }

  mutating func readSized() throws(TPMError) -> [UInt8] { try take(Int(try readUInt16())) }

  var isAtEnd: Bool { rest.isEmpty }

  func end() throws(TPMError) {
    guard isAtEnd else { throw TPMError(.malformed, "\(rest.count) bytes too many") }
  }
}
