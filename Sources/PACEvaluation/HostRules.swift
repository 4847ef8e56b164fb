import Proxies

/// The helpers that look at nothing but names, after Mozilla's "Proxy Auto-Configuration (PAC) file" and, where that is
/// silent, what Chromium's tests say.
enum HostRules {
  /// No dot, and no IPv6 address.
  static func isPlain(_ host: String) -> Bool {
    !host.utf8.contains(UInt8(ascii: ".")) && IPAddress(parsing: host) == nil
  }

  /// The domain begins with its dot; without it, it is any ending.
  static func isHost(_ host: String, inDomain domain: String) -> Bool {
    host.utf8.count >= domain.utf8.count && host.utf8.suffix(domain.utf8.count).elementsEqual(domain.utf8)
  }

  /// The same name, or the first parts of `full`.
  static func isHost(_ host: String, localOr full: String) -> Bool {
    host == full || full.utf8.starts(with: Array(host.utf8) + [UInt8(ascii: ".")])
  }

  static func domainLevels(_ host: String) -> Int {
    host.utf8.count { $0 == UInt8(ascii: ".") }
  }

  /// What a pattern of `shExpMatch` asks for. Browsers make an anchored regular expression of it, in which they translate
  /// `.`, `*` and `?` alone: whatever else means something there goes on meaning it, and scripts rely on that.
  enum Pattern: Equatable {
    /// `*` stands for any characters, `?` for one.
    case plain
    /// In the engine's own language.
    case expression(String)
  }

  static func pattern(_ text: String) -> Pattern {
    guard text.utf8.contains(where: "()[]{}|+^$\\".utf8.contains) else { return .plain }
    var expression: [UInt8] = Array("^".utf8)
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "."): expression += "\\.".utf8
      case UInt8(ascii: "*"): expression += ".*".utf8
      case UInt8(ascii: "?"): expression.append(UInt8(ascii: "."))
      default: expression.append(byte)
      }
    }
    return .expression(String(decoding: expression, as: UTF8.self) + "$")
  }

  /// A plain pattern; takes time in the product of both lengths at most.
  static func matches(_ text: String, plain pattern: String) -> Bool {
    let (text, pattern) = (Array(text.unicodeScalars), Array(pattern.unicodeScalars))
    var (t, p) = (0, 0)
    // Where to go on when what follows the last star does not fit: it takes one character more.
    var star: (pattern: Int, text: Int)?
    while t < text.count {
      if p < pattern.count, pattern[p] == "*" {
        star = (p + 1, t)
        p += 1
      } else if p < pattern.count, pattern[p] == "?" || pattern[p] == text[t] {
        t += 1
        p += 1
      } else if let last = star {
        star = (last.pattern, last.text + 1)
        (p, t) = (last.pattern, last.text + 1)
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == "*" }
  }
}
