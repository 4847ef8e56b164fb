import Product

/// What a device remembers of one product besides what is installed: status, never wishes.
public struct DeviceState: Codable, Sendable, Equatable {
  /// A version that failed here. It is known by its tree manifest's hash: the same number packed anew may be tried.
  public struct KnownBad: Codable, Sendable, Equatable {
    public var version: String
    public var tree: String
    public var reason: String
    /// RFC 3339, UTC.
    public var at: String

    public init(version: String, tree: String, reason: String, at: String) {
      self.version = version
      self.tree = tree
      self.reason = reason
      self.at = at
    }
  }

  /// The outcome of the latest thing that happened in the background or by command.
  public struct Result: Codable, Sendable, Equatable {
    public var kind: String
    public var version: String?
    public var at: String
    /// The contract's exit code; absent when it went well.
    public var code: Int32?
    public var message: String?

    public init(kind: String, version: String? = nil, at: String, code: Int32? = nil, message: String? = nil) {
      self.kind = kind
      self.version = version
      self.at = at
      self.code = code
      self.message = message
    }
  }

  /// A version that lies unpacked beside the running one and waits to be switched to.
  public struct Staged: Codable, Sendable, Equatable {
    public var version: SemanticVersion
    /// SHA-256 (hexadecimal) of its tree manifest.
    public var tree: String
    public var readySince: Timestamp
    /// Of those that have waited since without a switch in between, when the first was ready.
    public var waitingSince: Timestamp

    public init(version: SemanticVersion, tree: String, readySince: Timestamp, waitingSince: Timestamp) {
      self.version = version
      self.tree = tree
      self.readySince = readySince
      self.waitingSince = waitingSince
    }

    /// The same with no moment in the future: those were noted under a clock that was ahead, and would put the switch
    /// off for years.
    public func known(at now: Timestamp) -> Staged {
      Staged(
        version: version, tree: tree, readySince: min(readySince, now), waitingSince: min(waitingSince, now))
    }
  }

  public var schema = "slipway.state/1"
  /// Counts writes: of two copies the higher is the current one.
  public var generation: UInt64 = 0
  /// 32 random bytes (hexadecimal), drawn anew when the machine-id changes: cloned images must not share a bucket.
  public var seed: String
  public var machineID: String?
  public var knownBad: [KnownBad] = []
  public var inconclusive: [Inconclusive] = []
  public var staged: Staged?
  /// Why the version is not newer.
  public var waitingFor: [WaitingFor] = []
  public var lastCheck: String?
  public var lastResult: Result?
  /// `passing`, `failing` or `unknown`: what the latest probe said.
  public var health = "unknown"
  /// How often in a row rescue has restarted the agent while nothing was pending, and when last.
  public var rescueRestarts = 0
  public var rescueAt: Int64 = 0

  public init(seed: String) { self.seed = seed }

  /// Seconds that rescue waits before it starts the agent again: 30, doubling to 600, and 30 anew after a quiet hour.
  /// A clock that was set back counts as such an hour.
  public mutating func backOff(now: Int64) -> Int64 {
    if now < rescueAt || now - rescueAt > 3600 { rescueRestarts = 0 }
    let wait = min(600, Int64(30) << min(rescueRestarts, 5))
    rescueRestarts += 1
    rescueAt = now
    return wait
  }

  /// The state with `version` (its tree manifest's hash) known to be bad; said twice it is noted once.
  public mutating func condemn(_ bad: KnownBad) {
    knownBad.removeAll { $0.tree == bad.tree }
    knownBad.append(bad)
    inconclusive.removeAll { $0.tree == bad.tree }
  }
}
