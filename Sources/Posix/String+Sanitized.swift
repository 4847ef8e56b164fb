extension String {
  /// Text of somebody else's (fetch, a repository, a program) as it may be shown to people: on one line, with nothing in
  /// it that steers a terminal, turns the direction of the text or cannot be seen, and at most `limit` characters long.
  public func sanitized(limit: Int = 300) -> String {
    var shown = ""
    var last: Unicode.Scalar = " "
    for scalar in unicodeScalars.prefix(limit) {
      switch scalar {
      case "\t", "\n", "\r": shown += " "
      case _ where scalar.steers || scalar.isUnseen(after: last): shown += "\u{FFFD}"
      default: shown.unicodeScalars.append(scalar)
      }
      last = scalar
    }
    return unicodeScalars.count > limit ? shown + "…" : shown
  }
}

extension Unicode.Scalar {
  /// Controls (C0, DEL, C1), line separators, and the bidirectional controls of Unicode Standard Annex 9.
  fileprivate var steers: Bool {
    switch value {
    case 0...0x1F, 0x7F...0x9F, 0x2028, 0x2029: true
    case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
  }

  /// What leaves no mark, so that two names would look the same. Joiners and variation selectors are part of words and
  /// pictures outside ASCII, and stay behind one of those.
  fileprivate func isUnseen(after last: Unicode.Scalar) -> Bool {
    guard properties.isDefaultIgnorableCodePoint else { return false }
    let isJoining = value == 0x200C || value == 0x200D || 0xFE00...0xFE0F ~= value
    return !isJoining || last.isASCII
      || last.properties.isDefaultIgnorableCodePoint && !(0xFE00...0xFE0F ~= last.value)
  }
}
