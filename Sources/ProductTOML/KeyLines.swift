/// The line on which each key of a TOML text stands: the parser knows lines only for syntax errors.
///
/// Reads only as much as it takes to follow keys through tables, arrays and strings. On texts that the parser would not
/// accept it goes astray behind the first mistake, and knows fewer lines.
struct KeyLines {
  private var bytes: [UInt8]
  private var position = 0
  /// Of arrays and inline tables in each other; what is deeper than the parser reads is its to refuse. Dotted keys, which it
  /// would follow for ever, may be as deep.
  private var depth = 0
  private static let deepest = 256
  private var line = 1
  private var lines: [String: Int] = [:]
  /// The first mistake that the parser must not see: an assertion there ends the process, in release builds too.
  private(set) var fatal: (line: Int, mistake: String)?
  /// How many tables each array of tables has so far.
  private var tableCounts: [String: Int] = [:]

  init(_ text: String) {
    bytes = Array(text.utf8)
    readDocument()
    bytes = []
  }

  /// The line of a key, or of the nearest table around it; nil at the top.
  func line(of key: String) -> Int? {
    var path = key[...]
    while !path.isEmpty {
      if let line = lines[String(path)] { return line }
      guard let end = path.lastIndex(where: { $0 == "." || $0 == "[" }) else { return nil }
      path = path[..<end]
    }
    return nil
  }

  static func join(_ path: String, _ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  private mutating func readDocument() {
    var table = ""
    while true {
      skipBlank(acrossLines: true)
      guard let byte = peek else { return }
      if byte == UInt8(ascii: "[") {
        table = readHeader()
        skipLine()
      } else {
        let start = position
        readPair(in: table)
        if position == start { skipLine() }
      }
    }
  }

  /// `[a.b]` or `[[a.b]]`; gives the path of the table that follows.
  private mutating func readHeader() -> String {
    position += 1
    let isArray = peek == UInt8(ascii: "[")
    if isArray { position += 1 }
    while let byte = peek, byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") { position += 1 }
    if let byte = peek, !Self.mayFollowBracket(byte) {
      fatal = fatal ?? (line, "a table's header must begin with its key, as in [name]")
    }
    let keys = readKey()
    var path = ""
    for (index, key) in keys.enumerated() {
      path = KeyLines.join(path, key)
      note(path)
      if isArray, index == keys.count - 1 {
        tableCounts[path, default: 0] += 1
      }
      if let count = tableCounts[path] {
        path += "[\(count - 1)]"
        note(path)
      }
    }
    return path
  }

  /// What begins a key, bare or quoted; and the closing bracket, for which the parser has an error of its own.
  private static func mayFollowBracket(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "-_\"']".utf8.contains(byte)
    }
  }

  private mutating func readPair(in table: String) {
    var path = table
    for key in readKey() {
      path = KeyLines.join(path, key)
      note(path)
    }
    skipBlank()
    guard peek == UInt8(ascii: "=") else { return }
    position += 1
    readValue(path)
  }

  private mutating func readValue(_ path: String) {
    skipBlank()
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.deepest else {
      position = bytes.count
      return
    }
    switch peek {
    case UInt8(ascii: "\""), UInt8(ascii: "'"): _ = readString()
    case UInt8(ascii: "["): readArray(path)
    case UInt8(ascii: "{"): readInlineTable(path)
    default:
      while let byte = peek, !",]}#\n".utf8.contains(byte) { position += 1 }
    }
  }

  private mutating func readArray(_ path: String) {
    position += 1
    var index = 0
    while true {
      skipBlank(acrossLines: true)
      guard let byte = peek else { return }
      if byte == UInt8(ascii: "]") {
        position += 1
        return
      }
      if byte == UInt8(ascii: ",") {
        position += 1
        index += 1
        continue
      }
      if byte == UInt8(ascii: "}") { fatal = fatal ?? (line, "a value or ']' must follow here, not '}'") }
      note("\(path)[\(index)]")
      let start = position
      readValue("\(path)[\(index)]")
      if position == start { position += 1 }
    }
  }

  private mutating func readInlineTable(_ path: String) {
    position += 1
    while true {
      skipBlank(acrossLines: true)
      guard let byte = peek else { return }
      if byte == UInt8(ascii: "}") {
        position += 1
        return
      }
      let start = position
      if byte == UInt8(ascii: ",") { position += 1 } else { readPair(in: path) }
      if position == start { position += 1 }
    }
  }
}

extension KeyLines {
  private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func note(_ path: String) {
    if lines[path] == nil { lines[path] = line }
  }

  /// A dotted key, quoted parts included.
  private mutating func readKey() -> [String] {
    var keys: [String] = []
    while true {
      skipBlank()
      guard let byte = peek else { return keys }
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        keys.append(readString())
      } else {
        let start = position
        while let byte = peek, !" \t.=]\n\r#".utf8.contains(byte) { position += 1 }
        if position == start { return keys }
        keys.append(String(decoding: bytes[start..<position], as: UTF8.self))
      }
      skipBlank()
      guard peek == UInt8(ascii: ".") else { return keys }
      guard keys.count < Self.deepest else {
        fatal = fatal ?? (line, "a key may have \(Self.deepest) parts at most")
        position = bytes.count
        return keys
      }
      position += 1
    }
  }

  /// Any of the four kinds of string; gives what stands between the quotes, escapes untouched.
  private mutating func readString() -> String {
    let quote = bytes[position]
    let isLong = position + 2 < bytes.count && bytes[position + 1] == quote && bytes[position + 2] == quote
    position += isLong ? 3 : 1
    let start = position
    while let byte = peek {
      if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
        if position + 1 < bytes.count, bytes[position + 1] == UInt8(ascii: "\n") { line += 1 }
        position += 2
        continue
      }
      if byte == UInt8(ascii: "\n") { line += 1 }
      if byte == quote, !isLong || endsLongString(quote) { break }
      position += 1
    }
    let end = min(position, bytes.count)
    position = end + (isLong ? 3 : 1)
    return String(decoding: bytes[min(start, end)..<end], as: UTF8.self)
  }

  /// Three quotes end a long string, the last three of up to five.
  private func endsLongString(_ quote: UInt8) -> Bool {
    guard position + 2 < bytes.count, bytes[position + 1] == quote, bytes[position + 2] == quote else { return false }
    return position + 3 >= bytes.count || bytes[position + 3] != quote
  }

  private mutating func skipLine() {
    while let byte = peek, byte != UInt8(ascii: "\n") { position += 1 }
  }

  private mutating func skipBlank(acrossLines: Bool = false) {
    while let byte = peek {
      switch byte {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): position += 1
      case UInt8(ascii: "\n") where acrossLines:
        line += 1
        position += 1
      case UInt8(ascii: "#") where acrossLines: skipLine()
      default: return
      }
    }
  }
}
