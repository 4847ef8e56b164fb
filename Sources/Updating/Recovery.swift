import Installation
import Posix
import Product
import Services

/// Finishes or undoes what the journal says was begun: at every boot, before every change, and when a unit has failed.
public struct Recovery: Sendable {
  let device: Device

  public init(_ device: Device) { self.device = device }

  /// As `slipway recover` by hand.
  public func run() async throws {
    let lock = try device.lock(patience: 10)
    defer { _ = lock }
    _ = try await resume(atBoot: false)
  }

  /// At boot: moves files and reads units anew, and never starts or waits for one.
  public func boot() async throws {
    let lock = try device.lock(patience: 5)
    defer { _ = lock }
    try sweep()
    let journal = try await resume(atBoot: true)
    if journal.state == .proving || journal.state == .rolledBack { try Probing(device).raise() }
    try? await device.services.reload()
  }

  /// Clears away what an interrupted run left, and what a hostile fetch may have planted where apply cannot remove it.
  private func sweep() throws {
    let state = try Directory.open(device.layout.state)
    if try state.status("incoming")?.kind == .directory { try state.directory("incoming").removeTree("claimed") }
    let fetch = try state.directory("fetch")
    let known: Set<String> = ["partial", "result.json", "lock"]
    let waiting: Set<String> = try fetch.status("ready") == nil ? [] : ["ready", "outgoing"]
    for name in try fetch.names() where !known.contains(name) && !waiting.contains(name) { try fetch.removeTree(name) }
    let versions = try Directory.open(device.layout.versions)
    for name in try versions.names() where name.hasPrefix(".staging-") { try versions.removeTree(name) }
  }

  /// After a unit of the agent, or apply, has failed for good. While a version is on probation that is its failure;
  /// otherwise versions stay as they are, and the agent is started again with a backoff.
  public func rescue() async throws {
    let lock = try await lockAgainstApply()
    defer { _ = lock }
    let change = try Change(device)
    let journal = try readJournal(change.files)
    switch journal.state {
    case .proving, .switching, .none:
      try await change.rollBack(journal, reason: try await failure(change), start: true)
    case .rollingBack:
      try await change.rollBack(journal, reason: journal.reason ?? "it failed", start: true)
    default:
      try await restartAgent(change)
    }
  }

  /// The lock; an apply that hangs with it is stopped first.
  private func lockAgainstApply() async throws -> FileLock {
    do {
      return try device.lock(patience: 10)
    } catch let error as InstallationError where error.code == .locked {
      try await device.services.stop([ProcessPlan.Unit.apply(device.layout.product)])
      return try device.lock(patience: 10)
    }
  }

  /// - Returns: the journal as it stands afterwards.
  func resume(atBoot: Bool) async throws -> Journal {
    let change = try Change(device)
    let journal = try readJournal(change.files)
    switch journal.state {
    case .idle, .proving, .rolledBack:
      break
    case .verified, .staged:
      // Nothing that runs was touched; what is staged is found again by its sealed manifest.
      try change.files.record(.idle)
      if atBoot { try raiseReady() }
    case .switching:
      if atBoot {
        try change.pointAndWriteUnits(journal)
        var next = journal.moved(to: .proving)
        next.probation = Probation(boot: device.clock.bootID(), now: device.clock.monotonic())
        try change.files.record(next)
      } else {
        try await change.begin(journal)
      }
    case .committed:
      try await change.finishCommit(journal, atBoot: atBoot)
    case .rollingBack:
      try await change.rollBack(journal, reason: journal.reason ?? "it failed", start: !atBoot)
    case .none:
      try await change.rollBack(
        journal, reason: "the journal is in a state that this version does not know", start: !atBoot)
    }
    return try change.files.journal()
  }

  /// Has apply go on from the copies that it has already, with no download.
  private func raiseReady() throws {
    let fetch = try Directory.open(device.layout.fetch)
    if try fetch.status("ready") == nil { try fetch.create("ready", mode: 0o600).close() }
  }

  /// A journal or state that does not read is set aside; what runs is what the links say.
  private func readJournal(_ files: StateFiles) throws -> Journal {
    for name in files.setAsideCorrupt() {
      device.log.error("\(device.layout.state)/\(name) did not read; it is set aside as \(name).corrupt")
    }
    return try files.journal()
  }

  private func failure(_ change: Change) async throws -> String {
    guard let version = change.store.version(.current) else { return "it failed" }
    for unit in (try? device.manifest(of: version).agentUnits) ?? [] {
      let status = try await device.services.status(unit)
      if status.isFailed { return "\(unit) has failed (\(status.result))" }
    }
    return "a unit of the update has failed"
  }

  /// 30 s, doubling to 10 min, so that a start limit never leaves a committed agent dead.
  private func restartAgent(_ change: Change) async throws {
    guard let version = change.store.version(.current) else { return }
    let units = try device.manifest(of: version).agentUnits
    var dead: [String] = []
    for unit in units where try await !device.services.status(unit).isRunning { dead.append(unit) }
    guard !dead.isEmpty else { return }
    let now = device.clock.wall()
    var wait: Int64 = 30
    try change.files.update { state in
      state.rescueRestarts = now - state.rescueAt > 3600 ? 0 : state.rescueRestarts
      wait = min(600, 30 << min(state.rescueRestarts, 5))
      state.rescueRestarts += 1
      state.rescueAt = now
      state.health = "failing"
    }
    device.log.error("\(dead.joined(separator: ", ")) failed; started again in \(wait) s")
    try await Task.sleep(for: .seconds(wait))
    try await device.services.resetFailed(dead)
    try await device.services.start(dead, noBlock: true)
  }
}
