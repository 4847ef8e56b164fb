import Product

extension SupervisorLoop {
  /// Moves on when a stage has reached its end.
  func advanceStage(_ now: Int64) {
    switch stage {
    case .recovering:
      // The agent starts whatever came of it: a device whose recover fails still does its work.
      guard units[ProcessPlan.Unit.recover(manifest.id)]?.isSettled ?? true else { return }
      stage = .serving
      for service in manifest.services { start(service.unit(of: manifest.id)) }
      triggers.begin(now)
    case .serving:
      for name in triggers.due(now) { start(name) }
    case .stoppingUpdater:
      guard units.values.allSatisfy({ $0.isAgent || $0.child == nil }), jobs.isEmpty else { return }
      stage = .stoppingAgents
      for unit in units.values { stop(unit) }
    case .stoppingAgents: break
    }
  }

  /// Begins the way out; asked again, it goes the quick way.
  func beginStopping() {
    guard stage == .recovering || stage == .serving else {
      for unit in units.values where unit.child != nil { unit.phase = .stopping(killAt: 0) }
      return
    }
    settings.log("stopping")
    stage = .stoppingUpdater
    for unit in units.values where !unit.isAgent { stop(unit) }
    for job in jobs { job.deadline = 0 }
  }
}
