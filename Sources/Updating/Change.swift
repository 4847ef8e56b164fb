import Bundles
import Cryptography
import Installation
import Posix
import Product
import Services
import SystemPackage

/// A change of the running version: stage, switch, and back. Each step is announced in the journal before it is made,
/// and can be made again.
struct Change: Sendable {
  let device: Device
  let store: VersionStore
  let files: StateFiles

  init(_ device: Device, store: VersionStore, files: StateFiles) {
    self.device = device
    self.store = store
    self.files = files
  }

  init(_ device: Device) throws {
    self.init(device, store: try VersionStore(device.layout), files: try StateFiles(device))
  }

  /// Stages a release, and asks its updater whether it works.
  func prepare(_ release: Release, through door: Door) async throws {
    let journal = Journal(
      .verified, from: store.version(.current)?.description, to: release.version.description,
      tree: release.treeDigest.hex)
    try files.record(journal)
    do {
      try await stage(release, through: door)
      try files.record(journal.moved(to: .staged))
      try await requireUpdater(of: release.version, tree: release.treeDigest.hex)
    } catch {
      try files.record(.idle)
      throw error
    }
    try door.intake.clear(keeping: [])
  }

  /// Switches to a version that is staged. It may have lain there for days: it is looked at once more.
  ///
  /// - Throws: `damaged` when its tree is not what was staged; it is removed, and wanted again.
  func begin(_ staged: DeviceState.Staged) async throws {
    guard try isWhole(staged.version, tree: staged.tree) else {
      try store.remove(staged.version)
      throw InstallationError(
        .damaged, "the staged \(staged.version) is not what was unpacked; it is removed and brought again",
        remedy: "if this happens again, look at the disk")
    }
    try await requireUpdater(of: staged.version, tree: staged.tree)
    try await begin(
      Journal(
        .staged, from: store.version(.current)?.description, to: staged.version.description, tree: staged.tree))
  }

  /// - Throws: `updaterBroken`; the version is known-bad then.
  private func requireUpdater(of version: SemanticVersion, tree: String) async throws {
    guard let fault = try await SelfTest(device).ask(store.path(of: version)).fault else { return }
    let reason = "\(version): its updater \(fault)"
    try condemn(version.description, tree: tree, reason: reason)
    throw UpdatingError(
      .updaterBroken, reason,
      remedy: "the publisher must pack a working updater; this device keeps "
        + (store.version(.current)?.description ?? "nothing"))
  }

  /// Puts the release's tree on disk, unless the very same tree is there and whole.
  func stage(_ release: Release, through door: Door) async throws {
    if try isWhole(release.version, tree: release.treeDigest.hex) { return }
    try refuseIfLinked(release.version)
    device.log.info(
      "staging \(release.version): \(release.tree.totals.inodes) entries, \(release.tree.totals.bytes) bytes")
    // Copies of the product's data are made before the switch: they must fit beside the tree.
    let data = try store.version(.current).flatMap {
      DataWork(device, from: try device.manifest(of: $0), to: release.product)
    }
    try await data?.requireSpace()
    let spare = try await data?.spare(on: store.directory) ?? 0
    let name = try Stager(store).extract(
      release, archive: door.archive(of: release.targets), spare: spare,
      progress: device.unpacking(release.tree.totals.bytes))
    try adopt(name, release)
  }

  func adopt(_ staging: String, _ release: Release) throws {
    let trees = try Directory.open(device.layout.trees)
    try DurableFile.write(release.productBytes, "app-\(release.version).product.json", in: trees)
    try store.adopt(staging, version: release.version, manifest: release.treeBytes)
  }

  /// Whether a version is on disk as it is signed now, so that nothing of it need be brought.
  func isKept(_ target: ReleaseTargets) throws -> Bool {
    let trees = try Directory.open(device.layout.trees)
    guard let product = try trees.read("app-\(target.version).product.json", limit: Release.manifestLimit),
      try sha256(product) == target.product.sha256
    else { return false }
    return try isWhole(target.version, tree: target.tree.sha256.hex)
  }

  private func isWhole(_ version: SemanticVersion, tree digest: String) throws -> Bool {
    guard store.contains(version), let kept = try? store.manifest(of: version), kept.digest.hex == digest else {
      return false
    }
    let tree = try Directory.open(store.path(of: version))
    return try kept.manifest.differences(in: tree, checkHashes: true).isEmpty
  }

  /// A version that runs, or that is the way back, is never unpacked over.
  private func refuseIfLinked(_ version: SemanticVersion) throws {
    for link in [VersionStore.Link.current, .proven] where store.version(link) == version {
      throw UpdatingError(
        .refused, "\(version) is installed with other contents than the repository signs now",
        remedy: "the publisher must give changed contents a new version number; `slipway verify` shows what differs")
    }
  }

  /// The switch: journal, unit files, one rename, reload, restart; then probation begins. The looks begin first: if this
  /// process ends anywhere in between, the next look finishes the switch.
  func begin(_ staged: Journal) async throws {
    var journal = staged.moved(to: .switching)
    let data = try data(journal)
    if staged.state == .staged {
      try await data?.requireWay()
      try await data?.requireSpace()
      journal.oldPassed = try await Probing(device).oldPasses(staged)
    }
    try await Probing(device).timer.begin()
    // Here already: a machine that goes down with the first start of the agent shall be found out.
    journal.probation = Probation(boot: device.clock.bootID(), now: device.clock.monotonic())
    try files.record(journal)
    if let data, try await !leave(data, journal) { return }
    try pointAndWriteUnits(journal)
    try await device.services.reload()
    let switched = device.clock.monotonic()
    try await restart(try agentUnits(of: journal.to), of: journal.to ?? "?")
    journal = journal.moved(to: .proving)
    journal.probation = Probation(boot: device.clock.bootID(), now: switched)
    try files.record(journal)
    device.log.notice("switched to \(journal.to ?? "?"); it is on probation (build \(Build.own))")
  }

  /// The work on data that a switch brings with it.
  func data(_ journal: Journal) throws -> DataWork? {
    guard let from = versionOnDisk(journal.from), let to = versionOnDisk(journal.to) else { return nil }
    return DataWork(device, from: try device.manifest(of: from), to: try device.manifest(of: to))
  }

  /// Stops the agent, has its data copied and migrated. Without a copy there is no switch.
  ///
  /// - Returns: false when the old version runs again.
  private func leave(_ data: DataWork, _ journal: Journal) async throws -> Bool {
    try await device.services.stop(try agentUnits(of: journal.from))
    do {
      try await data.leave()
      return true
    } catch let error as UpdatingError where error.code == .failedRunningOld {
      try await rollBack(journal, reason: error.message, start: true)
      return false
    } catch {
      // No fault of the version's; and not to be tried again every minute, with the agent stopped each time.
      var back = journal
      back.condemn = false
      let reason = "\(error)"
      try noteInconclusive(journal, reason: reason)
      try await rollBack(back, reason: reason, start: true)
      return false
    }
  }

  /// That it does not start is for the looks to judge.
  func restart(_ units: [String], of version: String) async throws {
    try await device.services.resetFailed(units)
    do { try await device.services.restart(units) } catch { device.log.error("\(version) did not start: \(error)") }
  }

  /// The part of a switch that moves files: done by recover at boot too, when nothing is running yet.
  func pointAndWriteUnits(_ journal: Journal) throws {
    guard let to = versionOnDisk(journal.to) else {
      throw InstallationError(
        .damaged, "the journal names version \(journal.to ?? "(none)"), which is not on disk",
        remedy: "run `slipway recover`")
    }
    try UnitFiles(device).writeAgent(try device.manifest(of: to))
    try store.point(.current, at: to)
  }

  func versionOnDisk(_ text: String?) -> SemanticVersion? {
    guard let version = text.flatMap({ try? SemanticVersion($0) }), store.contains(version) else { return nil }
    return version
  }

  func agentUnits(of version: String?) throws -> [String] {
    guard let version else { return [] }
    return try device.manifest(of: try SemanticVersion(version)).agentUnits
  }

  func condemn(_ version: String, tree: String, reason: String) throws {
    let now = device.now
    try files.update {
      $0.condemn(.init(version: version, tree: tree, reason: reason, at: now))
      $0.lastResult = .init(kind: "rolledBack", version: version, at: now, code: 40, message: reason)
    }
  }
}
