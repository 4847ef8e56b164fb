import Installation
import Posix
import Product
import Proxies
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
    try await noteBoot()
    let journal = try await resume(atBoot: true)
    // What resume has only now put on probation is looked at too.
    if journal.state == .proving || journal.state == .rolledBack { try Probing(device).timer.raise() }
    do { _ = try UnitFiles(device).writePolls() } catch { device.log.error("polls stay as they were timed: \(error)") }
    try? await device.services.reload()
  }

  /// While a version is on probation: what the boot before says of it, before the agent is started again.
  private func noteBoot() async throws {
    let change = try Change(device)
    var journal = try readJournal(change)
    guard journal.state == .proving || journal.state == .switching, journal.from != nil,
      let probation = journal.probation
    else { return }
    let mark = try change.files.directory.read(device.paths.cleanShutdown.lastComponent?.string ?? "", limit: 128) ?? []
    let ended = String(decoding: mark, as: UTF8.self).split(separator: "\n").first.map(String.init)
    let (verdict, entered) = Judgement.enter(
      probation, boot: device.clock.bootID(), now: device.clock.monotonic(), endedInOrder: ended == probation.boot)
    journal.probation = entered
    try change.files.record(journal)
    if case .rollBack(let reason) = verdict { try await change.rollBack(journal, reason: reason, start: false) }
  }

  /// Clears away what an interrupted run left, and what a hostile fetch may have planted where apply cannot remove it.
  private func sweep() throws {
    let state = try Directory.open(device.layout.state)
    if try state.status("incoming")?.kind == .directory { try state.directory("incoming").removeTree("claimed") }
    let fetch = try state.directory("fetch")
    var known: [String: FileStatus.Kind] = [
      "partial": .directory, "result.json": .file, "lock": .file, ProxyChooser.keptScript: .file, Pause.name: .file,
    ]
    if try fetch.status("ready")?.kind == .file { known.merge(["ready": .file, "outgoing": .directory]) { $1 } }
    for name in try fetch.names() where try fetch.status(name)?.kind != known[name] { try fetch.removeTree(name) }
    let versions = try Directory.open(device.layout.versions)
    for name in try versions.names() where name.hasPrefix(".staging-") { try versions.removeTree(name) }
  }

  /// After a unit of the agent, or apply, has failed for good. While a version is on probation that is its failure;
  /// otherwise versions stay as they are, and the agent is started again with a backoff.
  public func rescue() async throws {
    guard let (dead, wait) = try await rescueNow() else { return }
    // Without the lock: the version that mends the agent must be able to come meanwhile.
    try await Task.sleep(for: .seconds(wait))
    let lock = try await lockAgainstApply()
    defer { _ = lock }
    for unit in dead where try await !device.services.status(unit).isRunning {
      try await device.services.resetFailed([unit])
      try await device.services.start([unit], noBlock: true)
    }
  }

  /// - Returns: the units that are to be started again, and after how many seconds; nil when the change was rolled back.
  private func rescueNow() async throws -> (units: [String], wait: Int64)? {
    let lock = try await lockAgainstApply()
    defer { _ = lock }
    let change = try Change(device)
    let journal = try readJournal(change)
    switch journal.state {
    case .proving, .switching, .none:
      try await change.rollBack(journal, reason: try await failure(change), start: true)
    case .rollingBack:
      try await change.rollBack(journal, reason: journal.reason ?? "it failed", start: true)
    default:
      return try await backOff(change)
    }
    return nil
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
    let told = Mending(device).run(change.store)
    let journal = try readJournal(change)
    if !told.isEmpty { try note(told, change.files) }
    try repairLinks(change, journal)
    switch journal.state {
    case .idle:
      break
    case .proving, .rolledBack:
      if atBoot { try Probing(device).timer.raise() } else { try await Probing(device).timer.goOn() }
    case .verified, .staged:
      // Nothing that runs was touched; what is staged is found again by its sealed manifest.
      try change.files.record(.idle)
      if atBoot { try raiseReady() }
    case .switching:
      if change.versionOnDisk(journal.to) == nil {
        try await abandon(journal, change, start: !atBoot)
      } else if atBoot, try change.data(journal) != nil {
        // At boot nobody can copy or migrate data: back to where it began, and from there again.
        var back = journal
        back.condemn = false
        try await change.rollBack(back, reason: "the switch was cut off", start: false)
        try Waiting(device, change).raise()
      } else if atBoot {
        try change.pointAndWriteUnits(journal)
        var next = journal.moved(to: .proving)
        next.probation = journal.probation ?? Probation(boot: device.clock.bootID(), now: device.clock.monotonic())
        try change.files.record(next)
      } else {
        try await change.begin(journal)
      }
    case .committed:
      try await change.finishCommit(journal, atBoot: atBoot)
      if atBoot { try raiseReady() }
    case .rollingBack:
      try await change.rollBack(journal, reason: journal.reason ?? "it failed", start: !atBoot)
    case .none:
      try await change.rollBack(
        journal, reason: "the journal is in a state that this version does not know", start: !atBoot)
    }
    return try change.files.journal()
  }

  /// Has apply go on from the copies that it has already, with no download. At boot alone: fetch must not be at work.
  private func raiseReady() throws {
    let fetch = try Directory.open(device.layout.fetch)
    if try fetch.status("ready") == nil { try fetch.create("ready", mode: 0o600).close() }
  }

  /// A switch to a version that is not on disk, which is no fault of that version's.
  private func abandon(_ journal: Journal, _ change: Change, start: Bool) async throws {
    guard change.versionOnDisk(journal.from) != nil else { return try change.files.record(.idle) }
    var back = journal
    back.condemn = false
    try await change.rollBack(back, reason: "\(journal.to ?? "the version") is not on disk", start: start)
  }

  /// `current` and `proven` each stand for the other where one is lost: nothing would run, or nobody would look after it.
  private func repairLinks(_ change: Change, _ journal: Journal) throws {
    guard journal.state != .switching, journal.state != .rollingBack else { return }
    func onDisk(_ link: VersionStore.Link) -> SemanticVersion? {
      change.store.version(link).flatMap { change.store.contains($0) ? $0 : nil }
    }
    // On probation the journal knows which is which.
    let isProving = journal.state == .proving
    switch (onDisk(.current), onDisk(.proven)) {
    case (nil, nil):
      guard let version = try Self.newestKept(change, journal) else { break }
      device.log.error("neither current nor proven named a version on disk; it is \(version) now")
      try UnitFiles(device).writeAgent(try device.manifest(of: version))
      try change.store.point(.proven, at: version)
      try change.store.point(.current, at: version)
    case (nil, let proven?):
      let version = (isProving ? change.versionOnDisk(journal.to) : nil) ?? proven
      device.log.error("current named no version on disk; it is \(version) again")
      try UnitFiles(device).writeAgent(try device.manifest(of: version))
      try change.store.point(.current, at: version)
    case (let current?, nil):
      let version = (isProving ? change.versionOnDisk(journal.from) : nil) ?? current
      device.log.error("proven named no version on disk; it is \(version) now")
      try change.store.point(.proven, at: version)
    default: break
    }
  }

  /// The newest version on disk that ran here, as far as can be known, and did not fail.
  private static func newestKept(_ change: Change, _ journal: Journal) throws -> SemanticVersion? {
    let state = try change.files.state()
    // Of a first installation that was cut off nothing has ever run.
    guard state?.lastResult != nil, !change.files.isFirstInstallationUnfinished() else { return nil }
    let others = Set([state?.staged?.version.description, journal.to] + (state?.knownBad.map(\.version) ?? []))
    return try change.store.versions().last {
      guard !others.contains("\($0)") else { return false }
      return try Damage($0, change.store) == nil
    }
  }

  /// A journal or state that does not read is set aside; what runs is what the links say, and if that is not what has
  /// proved itself, it is on probation.
  func readJournal(_ change: Change) throws -> Journal {
    let aside = change.files.setAsideCorrupt()
    let told = aside.map { "\(device.layout.state)/\($0) did not read; it is set aside as \($0).corrupt" }
    for said in told {
      device.log.error("\(said)")
      device.history.note(Event(.setAside, reason: said))
    }
    // Written at once, so that both copies of the state are there again.
    if !told.isEmpty { try note(told, change.files) }
    if aside.contains(StateFiles.journal), let to = change.store.version(.current),
      let from = change.store.version(.proven), from != to
    {
      var journal = Journal(
        .proving, from: from.description, to: to.description, tree: (try? change.store.manifest(of: to))?.digest.hex)
      journal.probation = Probation(boot: device.clock.bootID(), now: device.clock.monotonic())
      // When it was switched to is not known.
      journal.probation?.switchedAt = 0
      try change.files.record(journal)
    }
    return try change.files.journal()
  }

  /// Leaves word in the state of what was set aside or made again, unless it says that an installation failed.
  private func note(_ told: [String], _ files: StateFiles) throws {
    let now = device.now
    try files.update {
      guard $0.lastResult?.kind != "installFailed" else { return }
      $0.lastResult = .init(kind: "mended", at: now, message: told.joined(separator: "; "))
    }
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
  private func backOff(_ change: Change) async throws -> (units: [String], wait: Int64)? {
    guard let version = change.store.version(.current) else { return nil }
    let units = try device.manifest(of: version).agentUnits
    var dead: [String] = []
    for unit in units where try await !device.services.status(unit).isRunning { dead.append(unit) }
    guard !dead.isEmpty else { return nil }
    let now = device.time
    var wait: Int64 = 0
    try change.files.update { state in
      wait = state.backOff(now: now)
      state.health = "failing"
    }
    device.log.error("\(dead.joined(separator: ", ")) failed; started again in \(wait) s")
    return (dead, wait)
  }
}
