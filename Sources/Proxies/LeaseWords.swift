/// The words of a file of dhclient's (dhclient.leases(5)).
struct LeaseWords {
  enum Word: Hashable {
    case bare(String)
    /// With the escapes undone: `\"`, `\\` and three octal digits.
    case quoted([UInt8])
    /// `{`, `}`, `;` or `,`
    case mark(UInt8)
  }

  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

  mutating func next() -> Word? {
    while position < bytes.count {
      let byte = bytes[position]
      switch byte {
      case 0x00...0x20: position += 1
      case UInt8(ascii: "#"): while position < bytes.count, bytes[position] != 0x0A { position += 1 }
      case UInt8(ascii: "\""): return .quoted(quoted())
      case _ where Self.isMark(byte):
        position += 1
        return .mark(byte)
      default:
        let start = position
        while position < bytes.count, bytes[position] > 0x20, bytes[position] != UInt8(ascii: "\""),
          !Self.isMark(bytes[position])
        { position += 1 }
        return .bare(String(decoding: bytes[start..<position], as: UTF8.self))
      }
    }
    return nil
  }

  /// The words up to the next semicolon; nil at the end of the block. What is in braces within it is passed over.
  mutating func statement() -> [Word]? {
    var words: [Word] = []
    var depth = 0
    while let word = next() {
      switch word {
      case .mark(UInt8(ascii: "{")): depth += 1
      case .mark(UInt8(ascii: "}")):
        if depth == 0 { return nil }
        depth -= 1
      case .mark(UInt8(ascii: ";")): if depth == 0 { return words }
      case .mark: continue
      default: if depth == 0 { words.append(word) }
      }
    }
    return nil
  }

  private static func isMark(_ b: UInt8) -> Bool { "{};,".utf8.contains(b) }

  private mutating func quoted() -> [UInt8] {
    position += 1
    var result: [UInt8] = []
    while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
      guard bytes[position] == UInt8(ascii: "\\") else {
        result.append(bytes[position])
        position += 1
        continue
      }
      let digits = bytes[(position + 1)...].prefix(3).prefix { (0x30...0x37).contains($0) }
      if digits.count == 3 {
        result.append(UInt8(truncatingIfNeeded: digits.reduce(0) { $0 << 3 | Int($1 - 0x30) }))
        position += 4
      } else {
        if position + 1 < bytes.count { result.append(bytes[position + 1]) }
        position += 2
      }
    }
    position += 1
    return result
  }
}
