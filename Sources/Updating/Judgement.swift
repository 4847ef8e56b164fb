import Installation

/// What one look saw of a version on probation.
public struct Observation: Sendable, Equatable {
  public struct Unit: Sendable, Equatable {
    public var name: String
    /// Whether systemd calls it failed.
    public var failed: Bool
    /// Nil while no process runs.
    public var process: Probation.Seen?

    public init(name: String, failed: Bool, process: Probation.Seen?) {
      self.name = name
      self.failed = failed
      self.process = process
    }
  }

  public var boot: String
  /// Nanoseconds since boot.
  public var now: Int64
  public var units: [Unit]
  public var probePasses: Bool
  /// Nil when the updater answered its self-test as it must, else what it did instead.
  public var updaterFault: String?

  public init(boot: String, now: Int64, units: [Unit], probePasses: Bool, updaterFault: String?) {
    self.boot = boot
    self.now = now
    self.units = units
    self.probePasses = probePasses
    self.updaterFault = updaterFault
  }
}

/// What a look means for a version on probation: a pure function, so that it can be tested as a table.
public enum Judgement: Sendable, Equatable {
  public struct Rules: Sendable, Equatable {
    /// Nanoseconds of passing time that prove a version.
    public var probation: Int64
    /// Nanoseconds that the probe may stay dead.
    public var deadline: Int64

    public init(probation: Int64, deadline: Int64) {
      self.probation = probation
      self.deadline = deadline
    }
  }

  case goOn
  case commit
  case rollBack(String)

  /// The restart of the agent, the boot without one passing probe, or the boot that did not end in order at which a
  /// version has failed.
  public static let lastTime = 3

  /// A boot, which recover notes before the agent starts.
  ///
  /// - Parameter endedInOrder: whether the boot before it left the mark of a clean shutdown.
  /// - Returns: whether the version may go on, and the probation with what the boot before says in it.
  public static func enter(
    _ before: Probation, boot: String, now: Int64, endedInOrder: Bool
  ) -> (Judgement, Probation) {
    var probation = before
    guard probation.boot != boot else { return (.goOn, probation) }
    if probation.latestPass == nil { probation.deadBoots += 1 }
    if !endedInOrder { probation.uncleanBoots = (probation.uncleanBoots ?? 0) + 1 }
    probation.boot = boot
    probation.bootStart = now
    probation.latestLook = nil
    probation.latestPass = nil
    probation.seen = [:]
    if let count = probation.uncleanBoots, count >= lastTime {
      return (.rollBack("the machine went down \(count) times without being shut down"), probation)
    }
    if probation.deadBoots >= lastTime {
      return (.rollBack("its probe did not pass in \(probation.deadBoots) boots"), probation)
    }
    return (.goOn, probation)
  }

  /// - Returns: what to do, and the probation with this look in it.
  public static func judge(_ before: Probation, _ look: Observation, rules: Rules) -> (Judgement, Probation) {
    var probation = before
    if probation.boot != look.boot {
      // Where recover has not run nobody knows how the boot before ended.
      let entered = enter(probation, boot: look.boot, now: look.now, endedInOrder: true)
      probation = entered.1
      if case .rollBack = entered.0 { return entered }
    }
    // A boot takes its time before it starts the agent.
    if probation.latestLook == nil, probation.boot != probation.switchBoot { probation.bootStart = look.now }
    if let fault = look.updaterFault { return (.rollBack("its updater \(fault)"), probation) }
    if let unit = look.units.first(where: \.failed) { return (.rollBack("\(unit.name) has failed"), probation) }
    var restarted = 0
    for unit in look.units {
      guard let process = unit.process else { continue }
      if let seen = probation.seen[unit.name], seen != process { restarted += 1 }
      probation.seen[unit.name] = process
    }
    if restarted > 0 {
      probation.restarts += restarted
      probation.passed = 0
      if probation.restarts >= lastTime {
        return (.rollBack("the agent was restarted \(probation.restarts) times"), probation)
      }
    }
    guard look.probePasses, look.units.allSatisfy({ $0.process != nil }) else {
      probation.latestLook = look.now
      let since = probation.latestPass ?? probation.bootStart
      if look.now - since >= rules.deadline {
        return (.rollBack("its probe has not passed for \((look.now - since) / 1_000_000_000) s"), probation)
      }
      return (.goOn, probation)
    }
    if restarted == 0, let latest = probation.latestLook, probation.latestPass == latest {
      probation.passed += max(0, look.now - latest)
    }
    probation.latestLook = look.now
    probation.latestPass = look.now
    return (probation.passed >= rules.probation ? .commit : .goOn, probation)
  }
}
