import TOMLKit

/// One table of a person's file: typed values by key, and errors that name key and line.
struct Section {
  let source: Source
  /// The table's path from the top; empty for the whole file.
  let path: String
  private let table: TOMLTable
  private let keys: Set<String>

  /// A text and where its keys stand.
  struct Source {
    let file: String
    let lines: KeyLines

    func error(_ code: ProductTOMLError.Code, _ key: String, _ message: String) -> ProductTOMLError {
      ProductTOMLError(code: code, file: file, line: lines.line(of: key), key: key, message: message)
    }
  }

  /// Reads a file's text.
  ///
  /// - Throws: `.syntax`, `.unknownKey`.
  init(text: String, file: String, keys: Set<String>) throws(ProductTOMLError) {
    // A byte-order mark (RFC 3629, 6) is left out: the parser would pass over it, and KeyLines, which looks first, not.
    let text = String(Substring(text.unicodeScalars.drop { $0 == "\u{FEFF}" }))
    // The parser takes a C string: a zero, plain or escaped, would hide what follows it.
    guard !text.utf8.contains(0), text.utf8.firstRange(of: "\\u0000".utf8) == nil,
      text.utf8.firstRange(of: "\\U00000000".utf8) == nil
    else {
      throw ProductTOMLError(
        code: .syntax, file: file, line: nil, key: "", message: "the text holds a zero character")
    }
    let lines = KeyLines(text)
    if let (line, mistake) = lines.fatal {
      throw ProductTOMLError(code: .syntax, file: file, line: line, key: "", message: mistake)
    }
    let table: TOMLTable
    do {
      table = try TOMLTable(string: text)
    } catch let error as TOMLParseError {
      throw ProductTOMLError(
        code: .syntax, file: file, line: error.source.begin.line, key: "", message: error.description)
    } catch {
      throw ProductTOMLError(code: .syntax, file: file, line: nil, key: "", message: "\(error)")
    }
    try self.init(Source(file: file, lines: lines), path: "", table, keys: keys)
  }

  private init(
    _ source: Source, path: String, _ table: TOMLTable, keys: Set<String>
  ) throws(ProductTOMLError) {
    self.source = source
    self.path = path
    self.table = table
    self.keys = keys
    let unknown = table.keys.filter { !keys.contains($0) }
    // The one that stands first in the file.
    let first = unknown.min { source.lines.line(of: place($0)) ?? 0 < source.lines.line(of: place($1)) ?? 0 }
    guard !keys.isEmpty, let first else { return }
    throw source.error(
      .unknownKey, place(first), "unknown key; known here are \(keys.sorted().joined(separator: ", "))")
  }

  func place(_ key: String) -> String { KeyLines.join(path, key) }

  func error(_ code: ProductTOMLError.Code, _ key: String, _ message: String) -> ProductTOMLError {
    source.error(code, place(key), message)
  }

  /// The keys that are there, for tables whose keys are data.
  var names: [String] { table.keys }

  func has(_ key: String) -> Bool { table[key] != nil }

  func isTable(_ key: String) -> Bool { table[key]?.type == .table }

  func isString(_ key: String) -> Bool { table[key]?.type == .string }

  func string(_ key: String) throws(ProductTOMLError) -> String? {
    try value(key, "a string") { $0.string }
  }

  func required(_ key: String) throws(ProductTOMLError) -> String {
    guard let text = try string(key) else { throw missing(key) }
    return text
  }

  func missing(_ key: String) -> ProductTOMLError { error(.missingKey, key, "this key is needed") }

  func bool(_ key: String) throws(ProductTOMLError) -> Bool? {
    try value(key, "true or false") { $0.bool }
  }

  func int(_ key: String) throws(ProductTOMLError) -> Int? {
    try value(key, "an integer") { $0.int }
  }

  func strings(_ key: String) throws(ProductTOMLError) -> [String]? {
    guard let array = try value(key, "an array of strings", { $0.array }) else { return nil }
    var result: [String] = []
    for (index, element) in array.enumerated() {
      guard let text = element.string else { throw wrongType("\(key)[\(index)]", "a string", element) }
      result.append(text)
    }
    return result
  }

  /// Seconds.
  func duration(_ key: String) throws(ProductTOMLError) -> Int64? {
    try quantity(key, Quantity.durationRule, Quantity.seconds)
  }

  /// Bytes.
  func size(_ key: String) throws(ProductTOMLError) -> Int64? {
    try quantity(key, Quantity.sizeRule, Quantity.bytes)
  }

  /// Bytes a second.
  func rate(_ key: String) throws(ProductTOMLError) -> Int64? {
    try quantity(key, Quantity.rateRule, Quantity.bytesPerSecond)
  }

  /// A table below this one; no keys means that its keys are data.
  func section(_ key: String, keys: Set<String>) throws(ProductTOMLError) -> Section? {
    guard let table = try value(key, "a table", { $0.table }) else { return nil }
    return try Section(source, path: place(key), table, keys: keys)
  }

  func sections(_ key: String, keys: Set<String>) throws(ProductTOMLError) -> [Section] {
    guard let array = try value(key, "an array of tables ([[\(place(key))]])", { $0.array }) else { return [] }
    var result: [Section] = []
    for (index, element) in array.enumerated() {
      guard let table = element.table else { throw wrongType("\(key)[\(index)]", "a table", element) }
      result.append(try Section(source, path: "\(place(key))[\(index)]", table, keys: keys))
    }
    return result
  }

  private func quantity(
    _ key: String, _ rule: String, _ read: (String) -> Int64?
  ) throws(ProductTOMLError) -> Int64? {
    guard let text = try value(key, rule, { $0.string }) else { return nil }
    guard let number = read(text) else { throw error(.invalidValue, key, "'\(text)' is not \(rule)") }
    return number
  }

  private func value<Value>(
    _ key: String, _ expected: String, _ read: (any TOMLValueConvertible) -> Value?
  ) throws(ProductTOMLError) -> Value? {
    guard let found = table[key] else { return nil }
    guard let value = read(found) else { throw wrongType(key, expected, found) }
    return value
  }

  private func wrongType(_ key: String, _ expected: String, _ found: any TOMLValueConvertible) -> ProductTOMLError {
    error(.wrongType, key, "expected \(expected), found \(article(found.type))")
  }

  private func article(_ type: TOMLType) -> String {
    switch type {
    case .int: "an integer"
    case .array: "an array"
    case .bool: "true or false"
    default: "a \(type.description)"
    }
  }
}
