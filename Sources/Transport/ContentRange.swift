/// The Content-Range header of a 206 answer: `bytes 100-199/200` (RFC 9110, 14.4).
struct ContentRange: Equatable {
  let first: Int64
  let last: Int64
  /// nil where the server does not say (`*`).
  let total: Int64?

  init?(_ header: String?) {
    guard let header, header.hasPrefix("bytes ") else { return nil }
    let halves = header.dropFirst(6).split(separator: "/", omittingEmptySubsequences: false)
    guard halves.count == 2 else { return nil }
    let ends = halves[0].split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count == 2, let first = Int64(ends[0]), let last = Int64(ends[1]), first >= 0, last >= first else {
      return nil
    }
    guard halves[1] == "*" || Int64(halves[1]) != nil else { return nil }
    self.first = first
    self.last = last
    total = Int64(halves[1])
    if let total, last >= total { return nil }
  }
}
