extension JSONValue {
  /// Strict JSON; throws `malformed` naming the byte offset. See `JSONParser` for what is refused.
  public init(parsing bytes: [UInt8]) throws(TUFError) { self = try JSONParser.parse(bytes) }

  /// Deterministic JSON text for files: keys in the order of their bytes, indented by one space, with a final newline.
  public func fileText() -> [UInt8] {
    var text: [UInt8] = []
    write(to: &text, indentation: 0)
    text.append(UInt8(ascii: "\n"))
    return text
  }

  private func write(to text: inout [UInt8], indentation: Int) {
    switch self {
    case .null: text += "null".utf8
    case .bool(let value): text += (value ? "true" : "false").utf8
    case .integer(let value): text += String(value).utf8
    case .string(let value): Self.write(value, to: &text)
    case .array(let elements):
      Self.writeList(elements, "[", "]", to: &text, indentation) { $1.write(to: &$0, indentation: indentation + 1) }
    case .object(let members):
      let sorted = members.sorted { String.precedesByBytes($0.key, $1.key) }
      Self.writeList(sorted, "{", "}", to: &text, indentation) {
        Self.write($1.key, to: &$0)
        $0 += ": ".utf8
        $1.value.write(to: &$0, indentation: indentation + 1)
      }
    }
  }

  private static func writeList<Element>(
    _ elements: [Element], _ opening: String, _ closing: String, to text: inout [UInt8], _ indentation: Int,
    _ write: (inout [UInt8], Element) -> Void
  ) {
    text += opening.utf8
    for (index, element) in elements.enumerated() {
      text += (index == 0 ? "\n" : ",\n").utf8
      text += [UInt8](repeating: 0x20, count: indentation + 1)
      write(&text, element)
    }
    if !elements.isEmpty {
      text.append(0x0A)
      text += [UInt8](repeating: 0x20, count: indentation)
    }
    text += closing.utf8
  }

  private static func write(_ string: String, to text: inout [UInt8]) {
    let hexadecimal = Array("0123456789abcdef".utf8)
    text.append(UInt8(ascii: "\""))
    for byte in string.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): text += [UInt8(ascii: "\\"), byte]
      case 0..<0x20: text += "\\u00".utf8 + [hexadecimal[Int(byte >> 4)], hexadecimal[Int(byte & 15)]]
      default: text.append(byte)
      }
    }
    text.append(UInt8(ascii: "\""))
  }
}
