/// Whether a staged version may be switched to now: the last look before the agent is restarted.
public struct SwitchGate: Sendable {
  /// A person's or an agent's wish for no restart.
  public struct Hold: Equatable, Sendable, Codable {
    /// Nil: until it is released.
    public var until: Timestamp?
    public var reason: String?

    public init(until: Timestamp? = nil, reason: String? = nil) {
      self.until = until
      self.reason = reason
    }
  }

  public var version: SemanticVersion
  public var rules: UpdateRules
  /// Whether the policy calls the version critical.
  public var critical: Bool
  public var now: Timestamp
  /// Seconds that the device's local time is ahead of UTC.
  public var offsetSeconds: Int64
  /// When the version was ready to be switched to.
  public var readySince: Timestamp
  /// When the first version was ready of those that have waited since without a switch in between: a stream of releases,
  /// each younger than `deferMaxSeconds`, must not wait for ever.
  public var waitingSince: Timestamp
  /// What says that the agent must not be restarted now, in words.
  public var busy: String?
  public var hold: Hold?
  public var request: Situation.Request

  public init(
    version: SemanticVersion, rules: UpdateRules, critical: Bool = false, now: Timestamp, offsetSeconds: Int64 = 0,
    readySince: Timestamp, waitingSince: Timestamp? = nil, busy: String? = nil, hold: Hold? = nil,
    request: Situation.Request = .background
  ) {
    self.version = version
    self.rules = rules
    self.critical = critical
    self.now = now
    self.offsetSeconds = offsetSeconds
    self.readySince = readySince
    self.waitingSince = min(waitingSince ?? readySince, readySince)
    self.busy = busy
    self.hold = hold
    self.request = request
  }

  /// What the switch waits for; empty means go. Blocked and halted are `Decision`'s, asked once more beside this.
  ///
  /// Window, busy and hold put a switch off for at most `deferMaxSeconds`: a hold that was forgotten must not keep
  /// every later fix away.
  public var waitingFor: [WaitingFor] {
    let end = self.end
    guard request != .force, now < end else { return [] }
    var found: [WaitingFor] = []
    if request == .background, let opening = nextOpening {
      found.append(WaitingFor(.window, version: version, until: min(opening, end)))
    }
    if let busy { found.append(WaitingFor(.busy, version: version, until: end, detail: busy)) }
    if let hold, hold.until.map({ now < $0 }) ?? true {
      found.append(WaitingFor(.hold, version: version, until: min(hold.until ?? end, end), detail: hold.reason))
    }
    return found.ordered
  }

  /// When nothing puts the switch off any more.
  private var end: Timestamp {
    let end = Timestamp(seconds: waitingSince.seconds + rules.deferMaxSeconds)
    return critical ? min(end, Timestamp(seconds: readySince.seconds + rules.deferMaxCriticalSeconds)) : end
  }

  /// When the window opens next; nil when it is open, when there is none, or when one was missed and the time for
  /// catching up has come. A window that never opens counts as closed until `deferMaxSeconds` are over.
  private var nextOpening: Timestamp? {
    let windows = rules.window.compactMap { MaintenanceWindow($0) }
    guard !windows.isEmpty else { return nil }
    guard let next = Self.opening(windows, from: now, offsetSeconds) else {
      return Timestamp(seconds: Int64(Int32.max) * 4)
    }
    if next <= now { return nil }
    // The first opening since then was not this next one: it has gone by, with the device off or busy.
    guard let first = Self.opening(windows, from: waitingSince, offsetSeconds), first < next else { return next }
    let caughtUp = Timestamp(seconds: first.seconds + rules.catchUpSeconds)
    return caughtUp <= now ? nil : min(next, caughtUp)
  }

  /// The first moment from `start` on at which one of the windows is open, to the minute.
  private static func opening(
    _ windows: [MaintenanceWindow], from start: Timestamp, _ offsetSeconds: Int64
  ) -> Timestamp? {
    let local = LocalTime(unix: start.seconds, offsetSeconds: offsetSeconds)
    guard let minutes = windows.compactMap({ $0.minutesUntilOpen(from: local) }).min() else { return nil }
    if minutes == 0 { return start }
    return Timestamp(seconds: start.seconds - start.seconds.remainder(of: 60) + minutes * 60)
  }
}
