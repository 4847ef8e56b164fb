/// Exponential backoff with full jitter: a fleet that failed together does not come back together.
public struct RetryPolicy: Sendable, Equatable {
  /// The upper bound of the first pause.
  public var base: Duration = .seconds(1)
  /// The upper bound of any pause that the server did not ask for.
  public var cap: Duration = .seconds(300)
  /// Tries in a row without progress before giving up; at least 1.
  public var maximumAttempts = 6
  /// However long a server asks to wait, this is the longest.
  public static let longestRetryAfter: Duration = .seconds(24 * 3600)

  public init() {}

  /// The pause after try number `attempt` (from 0). `random` is in 0...1. A server's Retry-After is a lower bound,
  /// and the jitter comes on top, or all would return in the same second.
  public func pause(after attempt: Int, random: Double, retryAfter: Duration? = nil) -> Duration {
    let doubled = base * (1 << min(max(attempt, 0), 20))
    let jitter = min(cap, doubled) * min(max(random, 0), 1)
    guard let retryAfter else { return jitter }
    return min(max(retryAfter, .zero), Self.longestRetryAfter) + jitter
  }
}
