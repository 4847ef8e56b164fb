import Glibc

/// The time of day as a script sees it.
public struct PACTime: Sendable, Equatable {
  /// Since 1970-01-01T00:00:00Z.
  public let milliseconds: Int64
  /// Seconds that local time is ahead of UTC.
  public let offset: Int

  public init(milliseconds: Int64, offset: Int) {
    self.milliseconds = milliseconds
    self.offset = offset
  }

  /// This machine's wall clock and time zone.
  @Sendable public static func host() -> PACTime {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    var seconds = now.tv_sec
    var local = tm()
    localtime_r(&seconds, &local)
    return PACTime(
      milliseconds: Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000, offset: Int(local.tm_gmtoff))
  }
}
