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

  /// `*` stands for any characters, `?` for one, `(a|b)` for either; everything else for itself. Browsers make a regular
  /// expression of the pattern, in which groups have come into use; here no pattern is dear: it takes time in the product
  /// of both lengths at most, for each of 256 alternatives.
  static func matches(_ text: String, pattern: String) -> Bool {
    let text = Array(text.unicodeScalars)
    return alternatives(Array(pattern.unicodeScalars)).contains { matches(text, $0) }
  }

  /// A pattern with groups as patterns without. What has more than 256 alternatives, or unequal parentheses, is taken as
  /// it stands.
  private static func alternatives(_ pattern: [Unicode.Scalar]) -> [[Unicode.Scalar]] {
    guard pattern.contains("|") else { return [pattern] }
    var done: [[Unicode.Scalar]] = []
    var open = [pattern]
    while let next = open.popLast() {
      guard done.count + open.count < 256 else { return [pattern] }
      guard let group = firstGroup(next) else {
        guard !next.contains("|") else { return [pattern] }
        done.append(next)
        continue
      }
      for part in group.parts {
        open.append(Array(next[..<group.range.lowerBound] + part + next[group.range.upperBound...]))
      }
    }
    return done
  }

  /// The first outermost parentheses with what they give to choose from; the whole pattern where `|` stands outside.
  private static func firstGroup(
    _ pattern: [Unicode.Scalar]
  ) -> (range: Range<Int>, parts: [ArraySlice<Unicode.Scalar>])? {
    var (depth, start) = (0, 0)
    var cuts: [Int] = []
    var outer: [Int] = []
    for (index, scalar) in pattern.enumerated() {
      switch scalar {
      case "(":
        if depth == 0 { (start, cuts) = (index, [index]) }
        depth += 1
      case ")" where depth > 0:
        depth -= 1
        guard depth == 0, outer.isEmpty else { continue }
        let ends = cuts.dropFirst() + [index]
        return (start..<(index + 1), zip(cuts, ends).map { pattern[($0 + 1)..<$1] })
      case "|" where depth == 1: cuts.append(index)
      case "|" where depth == 0: outer.append(index)
      default: break
      }
    }
    guard depth == 0, !outer.isEmpty else { return nil }
    return (0..<pattern.count, zip([-1] + outer, outer + [pattern.count]).map { pattern[($0 + 1)..<$1] })
  }

  private static func matches(_ text: [Unicode.Scalar], _ pattern: [Unicode.Scalar]) -> Bool {
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
