/// ASCII classes: identifiers are checked byte by byte, so that no Unicode look-alike passes.
enum Letters {
  static let lower = UInt8(ascii: "a")...UInt8(ascii: "z")
  static let upper = UInt8(ascii: "A")...UInt8(ascii: "Z")
  static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
  static let hyphen = UInt8(ascii: "-")
  static let underscore = UInt8(ascii: "_")
  static let dot = UInt8(ascii: ".")

  static func isAlphanumeric(_ byte: UInt8) -> Bool {
    lower.contains(byte) || upper.contains(byte) || digits.contains(byte)
  }

  static func isHexadecimal(_ byte: UInt8) -> Bool {
    digits.contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
      || (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(byte)
  }

  /// Whether the text holds a control character (C0, DEL or C1).
  static func hasControl(_ text: String) -> Bool {
    text.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }
  }
}
