import Glibc
import Posix
import Product
import SystemPackage

extension SupervisorLoop {
  /// Starts a service now. Throws `failed` at its start limit, else what stood against the spawn; either way the unit
  /// has failed, and rescue is called where the plan says so.
  func startNow(_ unit: SupervisedUnit) throws(ServicesError) {
    guard unit.admitStart(now: HostClock.monotonicNanoseconds()) else {
      // As systemd 252 has it: the result keeps saying what went wrong before, if anything did.
      fail(unit, unit.failure(of: unit.lastEnding) ?? "start-limit-hit")
      // And a flag that nobody claims stops being a reason until the next poll.
      if unit.plan.unit == ProcessPlan.Unit.apply(manifest.id) { triggers.applyArmed = false }
      throw ServicesError(.failed, "\(unit.plan.unit): started too often, start-limit-hit")
    }
    do {
      unit.began(try spawn(unit.plan))
    } catch {
      settings.log("\(unit.plan.unit): \(error)")
      if unit.isAgent { scheduleRestart(unit) } else { fail(unit, "exec") }
      throw error
    }
    if unit.plan.unit == ProcessPlan.Unit.fetch(manifest.id) { triggers.applyArmed = true }
  }

  /// Starts a service that nobody waits for; what goes wrong is logged and counted.
  func start(_ name: String) {
    guard let unit = units[name], unit.child == nil else { return }
    try? startNow(unit)
  }

  func stop(_ unit: SupervisedUnit) {
    switch unit.phase {
    case .running:
      unit.phase = .stopping(killAt: HostClock.monotonicNanoseconds() + stopLimit(unit))
      unit.child?.signal(SIGTERM)
    case .waiting: unit.phase = .inactive
    case .inactive, .failed, .stopping: break
    }
  }

  /// Collects the processes that have ended.
  func reapChildren(_ now: Int64) {
    for unit in Array(units.values) {
      guard let child = unit.child, let ending = child.reap() else { continue }
      unit.child = nil
      unit.deadline = nil
      unit.lastEnding = ending
      ended(unit, ending, now)
    }
  }

  /// Ends what has run, or is stopping, for too long.
  func enforceDeadlines(_ now: Int64) {
    for unit in Array(units.values) {
      switch unit.phase {
      case .running:
        guard let deadline = unit.deadline, now >= deadline else { continue }
        settings.log("\(unit.plan.unit): over its time limit")
        unit.timedOut = true
        stop(unit)
      case .stopping(let killAt) where now >= killAt: unit.child?.signal(SIGKILL)
      case .waiting(let until) where now >= until:
        unit.restarts += 1
        try? startNow(unit)
      default: break
      }
    }
  }

  private func ended(_ unit: SupervisedUnit, _ ending: ChildProcess.Ending, _ now: Int64) {
    let name = unit.plan.unit
    let wasStopping = if case .stopping = unit.phase { !unit.timedOut } else { false }
    let failure = unit.failure(of: ending)
    triggers.ended(name, now)
    if wasStopping {
      unit.phase = .inactive
      if unit.startAfterStop { try? startNow(unit) }
    } else if unit.isAgent {
      settings.log("\(name): ended by itself (\(ending))")
      scheduleRestart(unit)
    } else if let failure {
      fail(unit, failure)
    } else {
      unit.phase = .inactive
    }
    unit.startAfterStop = false
  }

  private func scheduleRestart(_ unit: SupervisedUnit) {
    guard case .agent(let delay, _) = unit.plan.kind, stage == .serving || stage == .recovering else {
      unit.phase = .inactive
      return
    }
    unit.phase = .waiting(until: HostClock.monotonicNanoseconds() + delay * 1_000_000_000)
  }

  private func fail(_ unit: SupervisedUnit, _ result: String) {
    unit.phase = .failed(result: result)
    settings.log("\(unit.plan.unit): failed (\(result))")
    if unit.plan.rescued, stage == .serving { start(ProcessPlan.Unit.rescue(manifest.id)) }
  }

  private func stopLimit(_ unit: SupervisedUnit) -> Int64 {
    if case .agent(_, let limit) = unit.plan.kind { return limit * 1_000_000_000 }
    return Int64(settings.stopLimit * 1e9)
  }
}
