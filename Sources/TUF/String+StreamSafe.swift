extension String {
  /// Whether no more than 30 combining marks follow each other: the Stream-Safe Text Format of Unicode Standard Annex 15.
  ///
  /// Hashing or comparing a string puts its marks in order first, in a time that is quadratic in the length of a run: with
  /// half a megabyte, signed by nobody, minutes.
  var isStreamSafe: Bool {
    // The first mark, U+0300, begins with this byte.
    guard utf8.contains(where: { $0 >= 0xCC }) else { return true }
    var marks = 0
    for scalar in unicodeScalars {
      marks = scalar.isMark ? marks + 1 : 0
      if marks > 30 { return false }
    }
    return true
  }
}

extension Unicode.Scalar {
  /// Has a combining class, or is one of the three that have none and yet are composed of marks.
  fileprivate var isMark: Bool {
    properties.canonicalCombiningClass != .notReordered || [0xF73, 0xF75, 0xF81].contains(value)
  }
}
