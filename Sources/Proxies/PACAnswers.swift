/// Answers that are remembered for a while; the oldest go first when there are too many.
struct PACAnswers {
  private struct Entry {
    let routes: [ProxyRoute]
    /// Nanoseconds of the monotonic clock.
    let until: Int64
  }

  private let most: Int
  private let nanoseconds: Int64
  private var entries: [String: Entry] = [:]
  private var order: [String] = []

  init(most: Int, seconds: Double) {
    self.most = most
    nanoseconds = Int64(seconds * 1e9)
  }

  func routes(for origin: String, now: Int64) -> [ProxyRoute]? {
    guard let entry = entries[origin], now < entry.until else { return nil }
    return entry.routes
  }

  mutating func remember(_ routes: [ProxyRoute], for origin: String, now: Int64) {
    guard most > 0 else { return }
    if entries[origin] != nil { order.removeAll { $0 == origin } }
    while order.count >= most { entries[order.removeFirst()] = nil }
    order.append(origin)
    entries[origin] = Entry(routes: routes, until: now + nanoseconds)
  }
}
