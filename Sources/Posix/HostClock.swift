import CPosix
import Glibc

/// Readings of this machine's clocks.
public enum HostClock {
  /// Seconds since 1970-01-01T00:00:00Z by the wall clock, which may be wrong or stepped.
  public static func wallSeconds() -> Int64 { read(CLOCK_REALTIME) / 1_000_000_000 }

  /// Nanoseconds since boot, never stepped, standing still in suspend (CLOCK_MONOTONIC).
  public static func monotonicNanoseconds() -> Int64 { read(CLOCK_MONOTONIC) }

  /// The kernel's id of this boot; nil where /proc does not tell.
  public static func bootID() -> String? {
    guard let directory = try? Directory.open("/proc/sys/kernel/random"),
      let bytes = try? directory.read("boot_id", limit: 128)
    else { return nil }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").first.map(String.init)
  }

  /// Seconds that local time is ahead of UTC at a moment, by this machine's time zone (/etc/localtime).
  public static func localOffset(at seconds: Int64) -> Int64 {
    var time = time_t(seconds)
    var parts = tm()
    return localtime_r(&time, &parts) == nil ? 0 : Int64(parts.tm_gmtoff)
  }

  private static func read(_ clock: clockid_t) -> Int64 {
    var t = timespec()
    clock_gettime(clock, &t)
    return Int64(t.tv_sec) * 1_000_000_000 + Int64(t.tv_nsec)
  }
}
