import Posix

/// What has been seen of a version since it was switched to. Time is counted by boot id and the monotonic clock, summed
/// over boots; the wall clock never takes part.
public struct Probation: Codable, Sendable, Equatable {
  /// What one agent unit was seen as: a change of either means it was started again.
  public struct Seen: Codable, Sendable, Equatable {
    public var pid: Int32
    public var invocation: String

    public init(pid: Int32, invocation: String) {
      self.pid = pid
      self.invocation = invocation
    }
  }

  public enum Qualification: String, Codable, Sendable { case pending, passed, offline }

  /// Nanoseconds of probation that passed with everything well.
  public var passed: Int64 = 0
  /// Starts of agent units after the first, counted by Slipway over all boots.
  public var restarts = 0
  /// Boots in which the probe never passed.
  public var deadBoots = 0
  /// Boots that did not end in order: a panic, a reset, a power cut. Nil as long as there was none.
  public var uncleanBoots: Int?
  public var boot: String
  /// Monotonic nanoseconds, in `boot`, of the switch or of the first look in this boot.
  public var bootStart: Int64
  /// Monotonic nanoseconds, in `boot`, of the latest look; nil before the first.
  public var latestLook: Int64?
  /// Whether the probe has passed in this boot, and when it last did (monotonic nanoseconds).
  public var latestPass: Int64?
  public var seen: [String: Seen] = [:]
  public var qualification: Qualification = .pending
  /// The build id that the new updater answered with.
  public var build: String?
  /// Monotonic nanoseconds, in ``switchBoot``, of the switch: processes older than it still run the old version.
  public var switchedAt: Int64
  public var switchBoot: String

  public init(boot: String, now: Int64) {
    self.boot = boot
    bootStart = now
    switchedAt = now
    switchBoot = boot
  }
}
