import Cryptography

/// PATHPATTERN of the specification, section 4.5: `*` stands for any number of characters and `?` for one, neither ever
/// for "/". Everything else, brackets included, stands for itself.
enum PathPattern {
  static func matches(_ pattern: String, _ path: String) -> Bool {
    let patterns = pattern.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    let parts = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard patterns.count == parts.count else { return false }
    return zip(patterns, parts).allSatisfy {
      component(Array(Substring($0).unicodeScalars), Array(Substring($1).unicodeScalars))
    }
  }

  /// Linear apart from the last `*`, which alone is retried: no pattern takes exponential time.
  private static func component(_ pattern: [Unicode.Scalar], _ text: [Unicode.Scalar]) -> Bool {
    var (position, index) = (0, 0)
    var retry: (pattern: Int, text: Int)?
    while index < text.count {
      if position < pattern.count, pattern[position] == "*" {
        retry = (position + 1, index)
        position += 1
      } else if position < pattern.count, pattern[position] == "?" || pattern[position] == text[index] {
        position += 1
        index += 1
      } else if let last = retry {
        retry = (last.pattern, last.text + 1)
        (position, index) = (last.pattern, last.text + 1)
      } else {
        return false
      }
    }
    return pattern[position...].allSatisfy { $0 == "*" }
  }

  /// The hexadecimal SHA-256 of `path`, as path_hash_prefixes compare it.
  static func hash(_ path: String) -> String? { try? sha256(Array(path.utf8)).hex }
}
