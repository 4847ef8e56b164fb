/// The Retry-After header: seconds or a date (RFC 9110, 10.2.3).
enum RetryAfter {
  /// The wait from `now` (Unix seconds), between 0 and 24 hours; nil for no or an unreadable header.
  static func wait(_ header: String?, now: Int64) -> Duration? {
    guard let header else { return nil }
    let longest = RetryPolicy.longestRetryAfter
    if !header.isEmpty, header.utf8.allSatisfy({ (48...57).contains($0) }) {
      // Digits that do not fit an integer still ask for a long time.
      guard let seconds = Int64(header) else { return longest }
      return min(.seconds(seconds), longest)
    }
    guard let date = HTTPDate.seconds(header) else { return nil }
    return min(max(.seconds(date - now), .zero), longest)
  }
}
