import Posix

/// What a transfer takes from the machine, so that a test can give something else.
public struct TransportEnvironment: Sendable {
  /// Since any fixed point, never stepped.
  public var monotonic: @Sendable () -> Duration
  /// Unix seconds; only for Retry-After with a date.
  public var wallSeconds: @Sendable () -> Int64
  /// Waits, honouring cancellation: between tries, and to keep to a bandwidth cap.
  public var pause: @Sendable (Duration) async throws -> Void
  /// A number in 0...1.
  public var random: @Sendable () -> Double

  public init(
    monotonic: @escaping @Sendable () -> Duration, wallSeconds: @escaping @Sendable () -> Int64,
    pause: @escaping @Sendable (Duration) async throws -> Void, random: @escaping @Sendable () -> Double
  ) {
    self.monotonic = monotonic
    self.wallSeconds = wallSeconds
    self.pause = pause
    self.random = random
  }

  public static let live = TransportEnvironment(
    monotonic: { .nanoseconds(HostClock.monotonicNanoseconds()) },
    wallSeconds: { HostClock.wallSeconds() },
    pause: { try await Task.sleep(for: $0) },
    random: { Double.random(in: 0...1) })
}
