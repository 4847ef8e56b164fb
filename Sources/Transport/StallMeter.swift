/// Finds transfers that crawl: a connection that drips a byte now and then never trips a read timeout.
struct StallMeter {
  private let window: Duration
  private let minimumRate: Int64
  private var windowStart: Duration
  private var bytes: Int64 = 0

  /// `minimumRate` in bytes a second; `now` on the clock that the other calls use.
  init(window: Duration, minimumRate: Int64, now: Duration) {
    self.window = window
    self.minimumRate = minimumRate
    windowStart = now
  }

  /// Counts what arrived; true when a whole window has passed at less than the rate.
  mutating func isStalled(afterReceiving count: Int, now: Duration) -> Bool {
    bytes += Int64(count)
    let elapsed = now - windowStart
    guard elapsed >= window else { return false }
    let stalled = .seconds(bytes) < elapsed * Int(minimumRate)
    windowStart = now
    bytes = 0
    return stalled
  }

  /// Time that we ourselves waited does not count against the server.
  mutating func excuse(_ pause: Duration) { windowStart += pause }
}
