/// The container of a one-file bundle: plain POSIX ustar with regular files only.
///
/// It is read before anything in it has been verified, so the reader knows one header form and nothing else: no links,
/// no extensions, no long names. See `docs/decisions/0005-bundle-container.md`.
package enum Ustar {
  package static let block = 512

  struct Entry: Equatable {
    let name: String
    /// Bytes.
    let length: Int64
  }

  /// The header of a file; nil when the name has more than 100 bytes or the length does not fit eleven octal digits.
  package static func header(_ name: String, length: Int64, mode: UInt16 = 0o444, modified: Int64 = 0) -> [UInt8]? {
    guard name.utf8.count <= 100, !name.isEmpty, let size = octal(length, digits: 11),
      let rights = octal(Int64(mode), digits: 7), let time = octal(max(0, modified), digits: 11)
    else { return nil }
    var header = [UInt8](repeating: 0, count: block)
    func put(_ bytes: some Sequence<UInt8>, at offset: Int) {
      for (index, byte) in bytes.enumerated() { header[offset + index] = byte }
    }
    put(name.utf8, at: 0)
    put(rights, at: 100)
    put("0000000\0".utf8, at: 108)
    put("0000000\0".utf8, at: 116)
    put(size, at: 124)
    put(time, at: 136)
    put("        0".utf8, at: 148)
    put("ustar\u{0}00root".utf8, at: 257)
    put("root".utf8, at: 297)
    put((octal(checksum(header), digits: 6) ?? []) + [0, 32], at: 148)
    return header
  }

  /// Reads one header of 512 bytes. Nil for the zero block that ends the archive.
  static func entry(_ header: [UInt8]) throws(BundleError) -> Entry? {
    guard header.contains(where: { $0 != 0 }) else { return nil }
    func field(_ range: Range<Int>) -> ArraySlice<UInt8> { header[range].prefix { $0 != 0 } }
    guard header[257..<263].elementsEqual("ustar\0".utf8),
      number(header[148..<156]) == checksum(header), header[156] == UInt8(ascii: "0"), field(345..<500).isEmpty,
      let length = number(header[124..<136]), let name = String(validating: field(0..<100), as: UTF8.self),
      !name.isEmpty
    else { throw BundleError(.malformed, "the bundle's container has an entry that is not a plain ustar file") }
    return Entry(name: name, length: length)
  }

  /// Bytes that `length` takes in whole blocks.
  package static func padded(_ length: Int64) -> Int64 { (length + Int64(block) - 1) / Int64(block) * Int64(block) }

  private static func octal(_ value: Int64, digits: Int) -> [UInt8]? {
    let text = String(value, radix: 8)
    guard value >= 0, text.utf8.count <= digits else { return nil }
    return [UInt8](repeating: UInt8(ascii: "0"), count: digits - text.utf8.count) + text.utf8
  }

  private static func number(_ field: ArraySlice<UInt8>) -> Int64? {
    let digits = field.prefix { $0 != 0 && $0 != 32 }
    guard !digits.isEmpty, digits.allSatisfy({ (48...55).contains($0) }) else { return nil }
    return Int64(String(decoding: digits, as: UTF8.self), radix: 8)
  }

  /// The sum of all bytes with the checksum field read as spaces.
  private static func checksum(_ header: [UInt8]) -> Int64 {
    header.enumerated().reduce(0) { $0 + Int64((148..<156).contains($1.offset) ? 32 : $1.element) }
  }
}
