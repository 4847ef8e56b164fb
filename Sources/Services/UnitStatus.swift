/// What is known of one unit at one moment (systemctl(1) `show`).
public struct UnitStatus: Sendable, Equatable, Codable {
  /// "loaded", "not-found", "masked" and so on.
  public var loadState: String
  /// "active", "inactive", "failed", "activating", "deactivating", "reloading".
  public var activeState: String
  public var subState: String
  /// "success", "exit-code", "signal", "timeout", "start-limit-hit" and so on.
  public var result: String
  /// 0: no process.
  public var mainPID: Int32
  /// Differs at each start; empty before the first.
  public var invocationID: String
  /// When the main process was started, in microseconds of CLOCK_MONOTONIC; 0: never in this boot.
  public var startedAtMonotonicMicroseconds: UInt64
  /// Automatic restarts since the last start by hand.
  public var restarts: Int
  /// The exit code or signal of the last main process.
  public var exitStatus: Int32

  public init(
    loadState: String = "loaded", activeState: String = "inactive", subState: String = "dead",
    result: String = "success", mainPID: Int32 = 0, invocationID: String = "",
    startedAtMonotonicMicroseconds: UInt64 = 0, restarts: Int = 0, exitStatus: Int32 = 0
  ) {
    self.loadState = loadState
    self.activeState = activeState
    self.subState = subState
    self.result = result
    self.mainPID = mainPID
    self.invocationID = invocationID
    self.startedAtMonotonicMicroseconds = startedAtMonotonicMicroseconds
    self.restarts = restarts
    self.exitStatus = exitStatus
  }

  public var isRunning: Bool { activeState == "active" && mainPID > 0 }
  public var isFailed: Bool { activeState == "failed" }
}
