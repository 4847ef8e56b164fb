import Installation
import Posix
import Product
import Services

extension Change {
  /// Takes a version back that did not prove itself, with nothing that it brought: links, unit text and manifest are
  /// the old version's own. Repeatable from any point.
  ///
  /// - Parameter start: false at boot, where systemd starts what it finds.
  func rollBack(_ journal: Journal, reason: String, start: Bool) async throws {
    var back = journal.moved(to: .rollingBack)
    back.reason = journal.reason ?? reason
    back.condemn = journal.condemn ?? true
    // As with a switch: if this process ends in between, the next look goes on.
    if start { try await Probing(device).timer.goOn() }
    try files.record(back)
    guard let from = versionOnDisk(journal.from) else {
      try await giveUp(back, start: start)
      return
    }
    device.log.error("\(journal.to ?? "?") is rolled back to \(from) (build \(Build.own)): \(back.reason ?? reason)")
    do {
      let manifest = try device.manifest(of: from)
      try await bringDataBack(journal, manifest, start: start)
      try UnitFiles(device).writeAgent(manifest)
      // By hand one goes back from what had proved itself: whatever interrupts this, that is not the judge any more.
      if store.version(.proven)?.description == journal.to {
        try store.point(.proven, at: from)
        try UnitFiles(device).writeUpdater(manifest)
      }
      if store.version(.previous) == from { try store.removePrevious() }
      try store.point(.current, at: from)
      if start {
        try await device.services.reload()
        try await restart(manifest.agentUnits, of: "\(from)")
      }
    } catch {
      let now = device.now
      try? files.update {
        $0.lastResult = .init(kind: "rollbackFailed", version: journal.from, at: now, code: 41, message: "\(error)")
      }
      throw UpdatingError(
        .rollbackFailed, "going back to \(from) failed: \(error)",
        remedy: "run `slipway recover`; if that fails too, \(InstallationError.installAnew)")
    }
    back = back.moved(to: .rolledBack)
    back.probation = Probation(boot: device.clock.bootID(), now: device.clock.monotonic())
    try files.record(back)
    let now = device.now
    try files.update {
      $0.lastResult = .init(kind: "rolledBack", version: journal.to, at: now, code: 40, message: back.reason)
    }
  }

  /// The product's data as the version that is gone back to left it.
  private func bringDataBack(_ journal: Journal, _ target: ProductManifest, start: Bool) async throws {
    guard let version = journal.to.flatMap({ try? SemanticVersion($0) }) else { return }
    let known = try? device.manifest(of: version)
    // Where nobody knows what it did to the data, it may have done everything.
    var left = known ?? target
    left.version = version
    let change = DataChange(from: left, to: target)
    guard change.concernsData || known == nil && !target.data.isEmpty else { return }
    if start { try await device.services.stop(Array(Set(left.agentUnits + target.agentUnits)).sorted()) }
    // By hand one goes back from what had proved itself.
    let byHand = store.version(.proven)?.description == journal.to
    try await DataWork(device, change).comeBack(atBoot: !start, byHand: byHand)
  }

  /// A first installation has no old version: its units are stopped, its tree and logs kept for support.
  private func giveUp(_ journal: Journal, start: Bool) async throws {
    let units = (try? agentUnits(of: journal.to)) ?? []
    if start { try await device.services.stop(units) }
    let now = device.now
    try files.update {
      $0.lastResult = .init(kind: "installFailed", version: journal.to, at: now, code: 42, message: journal.reason)
    }
    try files.record(.idle)
    throw UpdatingError(
      .noWayBack, "\(journal.to ?? "?") failed and there is no version to go back to: \(journal.reason ?? "")",
      remedy: "look at the agent's log, then install again or run `slipway offboard`")
  }

  /// Makes the version on probation the proven one. Its updater takes over with the next unit files.
  func commit(_ journal: Journal) async throws {
    try files.record(journal.moved(to: .committed))
    try await finishCommit(journal.moved(to: .committed), atBoot: false)
  }

  /// What follows a commit: links, updater units as the new version's product wants them, collection. Repeatable.
  func finishCommit(_ journal: Journal, atBoot: Bool) async throws {
    guard let to = journal.to.flatMap({ try? SemanticVersion($0) }) else { return try files.record(.idle) }
    if let from = versionOnDisk(journal.from) {
      try store.point(.previous, at: from)
    }
    try store.point(.proven, at: to)
    let manifest = try device.manifest(of: to)
    let dropped = try UnitFiles(device).writeUpdater(manifest)
    let now = device.now
    try files.update {
      $0.lastResult = .init(kind: "committed", version: to.description, at: now)
      $0.health = "passing"
      $0.inconclusive.removeAll { $0.tree == journal.tree }
    }
    try files.record(.idle)
    if !atBoot {
      // Before systemd forgets them. `slipway run` sees to its own at the reload.
      if !dropped.isEmpty { try? await device.services.stop(dropped) }
      try await device.services.reload()
      try await Probing(device).timer.end()
    }
    device.log.notice("\(to) has proved itself and is kept (build \(Build.own))")
    let hasData = try store.versions().contains { (try? device.manifest(of: $0))?.data.isEmpty == false }
    do { try await collect(after: journal, manifest) } catch { device.log.error("old versions stay for now: \(error)") }
    guard hasData else { return }
    do { try await DataWork(device, DataChange(from: manifest, to: manifest)).settle(atBoot: atBoot) } catch {
      device.log.error("copies of old versions' data stay for now: \(error)")
    }
  }

  /// Collects old versions, unless one may still be wanted or run: the pin cannot be read, or a unit's process is older
  /// than the switch.
  private func collect(after journal: Journal, _ manifest: ProductManifest) async throws {
    guard device.configurationFault == nil else { return }
    if let probation = journal.probation, probation.switchBoot == device.clock.bootID() {
      for unit in manifest.agentUnits {
        let status = try await device.services.status(unit)
        if status.isRunning, Int64(status.startedAtMonotonicMicroseconds) * 1000 < probation.switchedAt { return }
      }
    }
    let keep = device.configuration.updates(for: manifest).keepVersions
    let wished = [device.configuration.pin?.version, try files.state()?.staged?.version].compactMap { $0?.description }
    for version in try store.collect(keeping: keep, also: Set(wished)) { device.log.info("collected \(version)") }
  }

  /// After a roll-back the old version is looked at: if it passes, as it did before, the new one was at fault. If it does
  /// not, or did not, something else may be.
  func judgeAfterRollback(_ journal: Journal, oldPasses: Bool) async throws {
    guard let version = journal.to.flatMap({ try? SemanticVersion($0) }), let tree = journal.tree else {
      return try files.record(.idle)
    }
    let reason = journal.reason ?? "it failed"
    let now = device.now
    let (failed, isToBlame) = (journal.condemn ?? true, oldPasses && journal.oldPassed ?? true)
    try files.update { state in
      state.health = oldPasses ? "passing" : "failing"
      guard failed, isToBlame else { return }
      state.condemn(.init(version: version.description, tree: tree, reason: reason, at: now))
      // The next decision will say the same; until then nobody shall have to wonder.
      state.waitingFor = [WaitingFor(.knownBad, version: version, detail: "failed on this device")]
    }
    if failed, !isToBlame { try noteInconclusive(journal, reason: reason) }
    try files.record(.idle)
    try await Probing(device).timer.end()
  }

  /// Nobody knows whose fault it was: tried again after 1, 6 and 24 hours, and every 24 from then on.
  func noteInconclusive(_ journal: Journal, reason: String) throws {
    guard let version = journal.to.flatMap({ try? SemanticVersion($0) }), let tree = journal.tree else { return }
    let (now, wall) = (device.now, device.time)
    try files.update { state in
      let attempts = (state.inconclusive.first { $0.tree == tree }?.attempts ?? 0) + 1
      state.inconclusive.removeAll { $0.tree == tree }
      let attempt = Inconclusive(
        version: version, tree: tree, attempts: attempts, lastAttempt: Timestamp(seconds: wall))
      state.inconclusive.append(attempt)
      state.waitingFor = [WaitingFor(.inconclusive, version: version, until: attempt.retryAt)]
      state.lastResult = .init(kind: "inconclusive", version: version.description, at: now, code: 40, message: reason)
    }
  }
}
