/// A strict parser of RFC 8259 for signed metadata.
///
/// Refused: duplicate keys (also those that differ only in Unicode normalization), fractions and exponents, integers
/// beyond 64 bits, "-0", invalid UTF-8, lone surrogates, more than 30 combining marks in a row, nesting deeper than 64, a
/// byte order mark, anything after the value. All errors are `malformed` and name the byte offset.
struct JSONParser {
  private static let maximumDepth = 64
  private let bytes: [UInt8]
  private var position = 0

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  static func parse(_ bytes: [UInt8]) throws(TUFError) -> JSONValue {
    var parser = JSONParser(bytes)
    let value = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.position == bytes.count else { throw parser.error("text after the value") }
    return value
  }

  private func error(_ what: String) -> TUFError { TUFError(.malformed, "JSON: \(what) at byte \(position)") }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func value(depth: Int) throws(TUFError) -> JSONValue {
    guard depth < Self.maximumDepth else { throw error("nested too deeply") }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return .integer(try integer())
    }
  }

  private mutating func word(_ text: String, _ value: JSONValue) throws(TUFError) -> JSONValue {
    guard bytes[position...].starts(with: text.utf8) else { throw error("unknown word") }
    position += text.utf8.count
    return value
  }

  private mutating func object(depth: Int) throws(TUFError) -> JSONValue {
    position += 1
    var members: [String: JSONValue] = [:]
    skipSpace()
    if take("}") { return .object(members) }
    while true {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw error("expected a key") }
      let key = try string()
      skipSpace()
      guard take(":") else { throw error("expected ':'") }
      guard members[key] == nil else { throw error("duplicate key \"\(key)\"") }
      members[key] = try value(depth: depth + 1)
      skipSpace()
      if take("}") { return .object(members) }
      guard take(",") else { throw error("expected ',' or '}'") }
    }
  }

  private mutating func array(depth: Int) throws(TUFError) -> JSONValue {
    position += 1
    var elements: [JSONValue] = []
    skipSpace()
    if take("]") { return .array(elements) }
    while true {
      elements.append(try value(depth: depth + 1))
      skipSpace()
      if take("]") { return .array(elements) }
      guard take(",") else { throw error("expected ',' or ']'") }
    }
  }

  private mutating func integer() throws(TUFError) -> Int64 {
    let start = position
    let negative = take("-")
    let digits = position
    while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
    guard position > digits else { throw error("expected a value") }
    if bytes[digits] == UInt8(ascii: "0"), negative || position > digits + 1 { throw error("malformed number") }
    if let byte = next, [UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E")].contains(byte) {
      throw error("numbers are integers here")
    }
    guard let number = Int64(String(decoding: bytes[start..<position], as: UTF8.self)) else {
      throw error("number beyond 64 bits")
    }
    return number
  }

  private mutating func string() throws(TUFError) -> String {
    position += 1
    var text: [UInt8] = []
    while true {
      let start = position
      while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { position += 1 }
      let plain = bytes[start..<position]
      guard let byte = next else { throw error("unfinished string") }
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        // Hardly any string has escapes: those without are not copied twice.
        let string =
          text.isEmpty ? String(validating: plain, as: UTF8.self) : String(validating: text + plain, as: UTF8.self)
        guard let string else { throw error("invalid UTF-8") }
        guard string.isStreamSafe else { throw error("more than 30 combining marks in a row") }
        return string
      case UInt8(ascii: "\\"):
        text += plain
        try escape(into: &text)
      default: throw error("control character in a string")
      }
    }
  }

  private mutating func escape(into text: inout [UInt8]) throws(TUFError) {
    guard let byte = next else { throw error("unfinished string") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      var code = try hexadecimal()
      if (0xD800..<0xDC00).contains(code) {
        guard take("\\"), take("u") else { throw error("lone surrogate") }
        let low = try hexadecimal()
        guard (0xDC00..<0xE000).contains(low) else { throw error("lone surrogate") }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw error("lone surrogate") }
      text.append(contentsOf: String(Character(scalar)).utf8)
    default: throw error("unknown escape")
    }
  }

  private mutating func hexadecimal() throws(TUFError) -> UInt32 {
    guard position + 4 <= bytes.count else { throw error("unfinished escape") }
    var code: UInt32 = 0
    for byte in bytes[position..<position + 4] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { throw error("malformed escape") }
      code = code << 4 | UInt32(digit)
    }
    position += 4
    return code
  }
}
