extension String {
  /// Text of somebody else's (fetch, a repository, a program) as it may be shown to people: on one line, with nothing in
  /// it that steers a terminal or turns the direction of the text, and at most `limit` characters long.
  public func sanitized(limit: Int = 300) -> String {
    var shown = ""
    for scalar in unicodeScalars.prefix(limit) {
      switch scalar {
      case "\t", "\n", "\r": shown += " "
      case let scalar where scalar.steers: shown += "\u{FFFD}"
      default: shown.unicodeScalars.append(scalar)
      }
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
}
