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
  public var busy: Bool
  public var hold: Hold?
  public var request: Situation.Request

  public init(
    version: SemanticVersion, rules: UpdateRules, critical: Bool = false, now: Timestamp, offsetSeconds: Int64 = 0,
    readySince: Timestamp, busy: Bool = false, hold: Hold? = nil, request: Situation.Request = .background
  ) {
    self.version = version
    self.rules = rules
    self.critical = critical
    self.now = now
    self.offsetSeconds = offsetSeconds
    self.readySince = readySince
    self.busy = busy
    self.hold = hold
    self.request = request
  }

  /// What the switch waits for; empty means go. Blocked and halted are `Decision`'s, asked once more beside this.
  ///
  /// Window, busy and hold put a switch off for at most `deferMaxSeconds`: a hold that was forgotten must not keep
  /// every later fix away.
  public var waitingFor: [WaitingFor] {
    let longest = critical ? rules.deferMaxCriticalSeconds : rules.deferMaxSeconds
    let end = Timestamp(seconds: readySince.seconds + longest)
    guard request != .force, now < end else { return [] }
    var found: [WaitingFor] = []
    if request == .background, let opening = nextOpening {
      found.append(WaitingFor(.window, version: version, until: min(opening, end)))
    }
    if busy { found.append(WaitingFor(.busy, version: version, until: end)) }
    if let hold, hold.until.map({ now < $0 }) ?? true {
      found.append(WaitingFor(.hold, version: version, until: min(hold.until ?? end, end), detail: hold.reason))
    }
    return found.ordered
  }

  /// When the window opens next; nil when it is open, or when there is none. A window that never opens counts as
  /// closed until `deferMaxSeconds` are over.
  private var nextOpening: Timestamp? {
    let windows = rules.window.compactMap { MaintenanceWindow($0) }
    guard !windows.isEmpty else { return nil }
    let local = LocalTime(unix: now.seconds, offsetSeconds: offsetSeconds)
    guard let minutes = windows.compactMap({ $0.minutesUntilOpen(from: local) }).min() else {
      return Timestamp(seconds: Int64(Int32.max) * 4)
    }
    if minutes == 0 { return nil }
    return Timestamp(seconds: now.seconds - now.seconds.remainder(of: 60) + minutes * 60)
  }
}
