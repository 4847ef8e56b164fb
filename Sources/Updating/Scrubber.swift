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
    // A shorter one would tear holes into words that are none.
    self.secrets = Set(secrets.filter { $0.count >= 4 }).sorted { $0.count > $1.count }
  }

  /// - Throws: where there are secrets that cannot be read: then they cannot be looked for.
  init(_ layout: Layout) throws {
    var secrets: [[UInt8]] = []
    let credentials = try ProxySecrets(layout).read()
    for line in credentials.bytes.split(separator: 0x0A) {
      let fields = line.split(separator: 0x09, omittingEmptySubsequences: false).map { Array($0) }
      guard fields.count == 3 else { continue }
      secrets.append(fields[2])
      // As it goes to a proxy (RFC 7617), as it stands in addresses (RFC 3986), and in JSON.
      secrets.append(Array(Data(fields[1] + [UInt8(ascii: ":")] + fields[2]).base64EncodedString().utf8))
      secrets.append(Array(Self.percentEncoded(fields[2]).utf8))
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

  /// One line: users and passwords in addresses, and what follows a word that says what it is.
  private static func scrubbed(_ line: ArraySlice<UInt8>) -> [UInt8] {
    let lower = line.map { (65...90).contains($0) ? $0 + 32 : $0 }
    var bytes = Array(line)
    if lower.contains(UInt8(ascii: "@")) { bytes = Array(String(decoding: line, as: UTF8.self).withoutUserinfo().utf8) }
    let words = [
      "authorization", "password", "passwd", "passphrase", "secret", "token", "apikey", "api_key", "api-key",
    ]
    for word in words {
      let text = bytes.map { (65...90).contains($0) ? $0 + 32 : $0 }
      guard let found = text.firstRange(of: Array(word.utf8)) else { continue }
      // `word=`, `word: `, `"word": "`, `--word `; prose that only speaks of one stays.
      var at = found.upperBound
      while at < text.count, text[at] == UInt8(ascii: "\"") || text[at] == UInt8(ascii: "'") { at += 1 }
      guard at < text.count, text[at] == UInt8(ascii: "=") || text[at] == UInt8(ascii: ":") else { continue }
      bytes = Array(bytes[...at]) + mark
    }
    return bytes
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
