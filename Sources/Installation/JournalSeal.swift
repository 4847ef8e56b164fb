import Cryptography

/// The journal's text with a checksum as its last member, so that a changed bit is not taken for another state or version.
/// To readers that do not know it, it is one more key; a journal without it is accepted as it is.
enum JournalSeal {
  private static let before = Array(#","checksum":""#.utf8)
  private static let after = Array("\"}\n".utf8)
  private static let digestLength = 64

  /// - Parameter text: a JSON object with at least one member, and a line feed.
  static func seal(_ text: [UInt8]) throws -> [UInt8] {
    Array(text[..<(text.count - 2)]) + before + Array(try sha256(text).hex.utf8) + after
  }

  /// Whether the text is what was written, as far as it can say.
  static func isWhole(_ text: [UInt8]) -> Bool {
    let end = text.count - after.count
    let digest = end - digestLength
    let start = digest - before.count
    guard start > 0, text[start..<digest].elementsEqual(before), text[end...].elementsEqual(after) else { return true }
    return (try? sha256(text[..<start] + Array("}\n".utf8)).hex.utf8.elementsEqual(text[digest..<end])) ?? false
  }
}
