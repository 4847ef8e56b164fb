/// Keeps a transfer under a bandwidth cap by pauses after each piece.
struct Pacer {
  private let rate: Int64
  private let start: Duration
  private var bytes: Int64 = 0

  /// `rate` in bytes a second, at least 1.
  init(rate: Int64, now: Duration) {
    self.rate = max(rate, 1)
    start = now
  }

  /// How long to wait now that `count` more bytes have arrived.
  mutating func pause(afterReceiving count: Int, now: Duration) -> Duration {
    bytes += Int64(count)
    let due = Duration.microseconds(Int64(Double(bytes) / Double(rate) * 1_000_000))
    return max(.zero, due - (now - start))
  }
}
