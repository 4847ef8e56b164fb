import Cryptography
import FoundationEssentials
import Installation
import Posix
import Proxies

/// Takes secrets out of text that leaves the device: those that are known here, wherever they stand, and what by its form is
/// one.
struct Scrubber: Sendable {
  static let mark = Array("***".utf8)

  /// What nobody may see, each in the forms that it takes on the way: bytes, longest first.
  private let secrets: [[UInt8]]

  init(secrets: [[UInt8]]) {
    // A shorter one would tear holes into words that are none: behind its user it is found all the same.
    self.secrets = Set(secrets.filter { $0.count >= 4 }).sorted { $0.count > $1.count }
  }

  /// - Throws: where there are secrets that cannot be read: then they cannot be looked for.
  init(_ layout: Layout) throws {
    var secrets: [[UInt8]] = []
    let credentials = try ProxySecrets(layout).read()
    for line in credentials.bytes.split(separator: 0x0A) {
      let fields = line.split(separator: 0x09, omittingEmptySubsequences: false).map { Array($0) }
      guard fields.count == 3 else { continue }
      let pair = fields[1] + [UInt8(ascii: ":")] + fields[2]
      secrets += [fields[2], pair]
      // As it goes to a proxy (RFC 7617), as it stands in addresses (RFC 3986), and in JSON.
      secrets.append(Array(Data(pair).base64EncodedString().utf8))
      secrets.append(Array(Self.percentEncoded(fields[2]).utf8))
      secrets.append(Array("\(Self.percentEncoded(fields[1])):\(Self.percentEncoded(fields[2]))".utf8))
      secrets.append(
        fields[2].flatMap { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") ? [UInt8(ascii: "\\"), $0] : [$0] })
    }
    if let folder = try? Directory.open(layout.configuration),
      let key = try folder.read("enrolment.key", limit: 1 << 20)
    {
      secrets += key.split { $0 == 10 || $0 == 13 }.map { Array($0) } + [key]
    }
    self.init(secrets: secrets)
  }

  /// One line without what is a secret by its form, and short: for what everybody may read.
  static func unsecret(_ text: String) -> String {
    String(decoding: scrubbed(Array(text.sanitized(limit: 1000).utf8)[...]), as: UTF8.self)
  }

  func scrub(_ text: [UInt8]) -> [UInt8] {
    var text = text
    for secret in secrets { text = Self.replace(secret, in: text) }
    var lines: [[UInt8]] = []
    var inKey = false
    for line in text.split(separator: 10, omittingEmptySubsequences: false) {
      if Self.has("-----BEGIN ", line), Self.has("PRIVATE KEY", line) { inKey = true }
      let ends = Self.has("-----END ", line)
      lines.append(inKey ? Self.mark : Self.scrubbed(line))
      if ends { inKey = false }
    }
    return Array(lines.joined(separator: [10]))
  }

  private static let words = [
    "authorization", "password", "passwd", "passphrase", "secret", "token", "apikey", "api_key", "api-key",
    "access_key",
    "private_key", "credential", "credentials", "?key", "&key",
  ].map { Array($0.utf8) }
  /// Also the ends of harmless words: only where no letter stands before them.
  private static let whole = ["pass", "pwd", "psk", "sig", "cookie"].map { Array($0.utf8) }
  /// What is a secret by itself, whatever stands before it.
  private static let shapes = ["eyJ", "AGE-SECRET-KEY-"].map { Array($0.utf8) }

  /// One line: users, passwords and questions in addresses, and what follows a word that says what it is.
  private static func scrubbed(_ line: ArraySlice<UInt8>) -> [UInt8] {
    var bytes = Array(line)
    if bytes.contains(UInt8(ascii: "@")) {
      bytes = Array(String(decoding: bytes, as: UTF8.self).withoutUserinfo().utf8)
    }
    bytes = withoutQueries(bytes)
    for word in words + whole { bytes = hide(word, in: bytes) }
    for shape in shapes { bytes = hide(shape: shape, in: bytes) }
    return bytes
  }

  /// What stands behind `?` in an address of the web is often a key to it.
  private static func withoutQueries(_ line: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var rest = line[...]
    while let scheme = rest.firstRange(of: Array("://".utf8)) {
      let word = rest[scheme.upperBound...].prefix { $0 > UInt8(ascii: " ") && !"\"'<>\\".utf8.contains($0) }
      let address = word.prefix { $0 != UInt8(ascii: "?") }
      result += rest[..<address.endIndex]
      if address.endIndex < word.endIndex { result += [UInt8(ascii: "?")] + mark }
      rest = rest[word.endIndex...]
    }
    return result + rest
  }

  /// `word=x`, `word: x`, `"word": "x"`, `WORD_MORE = x`, `--word x` and their kin, and the same inside a string of JSON; prose
  /// that only speaks of one stays. In a document what is not quoted is hidden to the next quote, so that it stays one;
  /// elsewhere to the end of the line.
  private static func hide(_ word: [UInt8], in line: [UInt8]) -> [UInt8] {
    let lower = line.map { (65...90).contains($0) ? $0 + 32 : $0 }
    let isQuote = { (byte: UInt8) in byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") }
    var result: [UInt8] = []
    var done = 0
    while let found = lower[done...].firstRange(of: word) {
      guard let at = value(after: found, in: lower, isWhole: whole.contains(word)) else {
        result += line[done..<found.upperBound]
        done = found.upperBound
        continue
      }
      if at < line.count, let end = bracketed(line, at) {
        result += line[done..<at] + [UInt8(ascii: "\"")] + mark + [UInt8(ascii: "\"")]
        done = end
        continue
      }
      let escapes = line[at...].prefix { $0 == UInt8(ascii: "\\") }.count
      // An even number of escapes is text, and the quote behind them ends what is around it.
      let isQuoted = escapes == 0 || !escapes.isMultiple(of: 2)
      let quote = at + escapes < line.count && isQuoted && isQuote(line[at + escapes]) ? line[at + escapes] : nil
      let start = quote == nil ? at : at + escapes + 1
      var end = start
      while end < line.count, !Self.closes(line, end, quote, escapes) { end += 1 }
      // The escapes of the quote that ends it belong to it.
      while end > start, end < line.count, line[end - 1] == UInt8(ascii: "\\") { end -= 1 }
      result += line[done..<start] + mark
      done = end
    }
    return result + line[done...]
  }

  /// Where the value of the word at `found` begins; nil where it has none.
  private static func value(after found: Range<Int>, in lower: [UInt8], isWhole: Bool) -> Int? {
    let isLetter = { (byte: UInt8) in (97...122).contains(byte) }
    let blank = UInt8(ascii: " ")
    if isWhole, found.lowerBound > 0, isLetter(lower[found.lowerBound - 1]) { return nil }
    var at = found.upperBound
    // More of the name: SECRET_ACCESS_KEY, password[0].
    if at < lower.count, "_-.[".utf8.contains(lower[at]) {
      while at < lower.count, isLetter(lower[at]) || (48...57).contains(lower[at]) || "_-.[]".utf8.contains(lower[at]) {
        at += 1
      }
    }
    let isOption = found.lowerBound >= 2 && lower[(found.lowerBound - 2)..<found.lowerBound].elementsEqual("--".utf8)
    if isOption, at < lower.count, lower[at] == blank { return at + 1 }
    while at < lower.count, "\"'\\ ".utf8.contains(lower[at]) { at += 1 }
    if lower[min(at, lower.count)...].starts(with: "%3d".utf8) { return at + 3 }
    guard at < lower.count, "=:>".utf8.contains(lower[at]) else { return nil }
    at += 1
    if at < lower.count, lower[at - 1] == UInt8(ascii: "="), lower[at] == UInt8(ascii: ">") { at += 1 }
    while at < lower.count, lower[at] == blank { at += 1 }
    return at
  }

  /// The end of a list or table that begins at `start`; nil where none does, or where it has no end in this line.
  private static func bracketed(_ line: [UInt8], _ start: Int) -> Int? {
    guard "[{".utf8.contains(line[start]) else { return nil }
    var depth = 0
    var isQuoted = false
    for (at, byte) in zip(start..., line[start...]) {
      if byte == UInt8(ascii: "\""), line[at - 1] != UInt8(ascii: "\\") { isQuoted.toggle() }
      guard !isQuoted else { continue }
      if "[{".utf8.contains(byte) { depth += 1 }
      if "]}".utf8.contains(byte) { depth -= 1 }
      if depth == 0 { return at + 1 }
    }
    return nil
  }

  /// Tokens by their beginning, as far as they go.
  private static func hide(shape: [UInt8], in line: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var rest = line[...]
    while let found = rest.firstRange(of: shape) {
      let more = rest[found.upperBound...].prefix {
        (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || "_-.".utf8.contains($0)
      }
      result += rest[..<found.lowerBound]
      result += more.count >= 20 ? mark : Array(rest[found.lowerBound..<more.endIndex])
      rest = rest[more.endIndex...]
    }
    return result + rest
  }

  /// Whether a value ends at `place`: with the quote that began it, escaped as often, or with any.
  private static func closes(_ line: [UInt8], _ place: Int, _ quote: UInt8?, _ escapes: Int) -> Bool {
    guard let quote else { return line.first == UInt8(ascii: "{") && line[place] == UInt8(ascii: "\"") }
    return line[place] == quote && line[..<place].reversed().prefix { $0 == UInt8(ascii: "\\") }.count == escapes
  }

  private static func has(_ word: String, _ line: ArraySlice<UInt8>) -> Bool {
    line.firstRange(of: Array(word.utf8)) != nil
  }

  private static func replace(_ secret: [UInt8], in text: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var rest = text[...]
    while let found = rest.firstRange(of: secret) {
      result += rest[..<found.lowerBound] + mark
      rest = rest[found.upperBound...]
    }
    return result.isEmpty ? text : result + rest
  }

  private static func percentEncoded(_ bytes: [UInt8]) -> String {
    bytes.map { byte in
      let isPlain = (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
      return isPlain || "-._~".utf8.contains(byte)
        ? String(UnicodeScalar(byte)) : "%" + Hex.encode([byte]).uppercased()
    }.joined()
  }
}
