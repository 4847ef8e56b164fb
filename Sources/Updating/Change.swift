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
    self.init(device, store: try VersionStore(device.layout), files: try StateFiles(device.layout))
  }

  /// Stages a release and switches to it.
  func update(to release: Release, through door: Door) async throws {
    let from = store.version(.current)
    var journal = Journal(
      .verified, from: from?.description, to: release.version.description, tree: release.treeDigest.hex)
    try files.record(journal)
    do {
      try stage(release, through: door)
      journal = journal.moved(to: .staged)
      try files.record(journal)
      let answer = try await SelfTest(device).ask(store.path(of: release.version))
      guard answer.fault == nil else {
        throw UpdatingError(
          .updaterBroken, "\(release.version): its updater \(answer.fault ?? "")",
          remedy: "the publisher must pack a working updater; this device keeps \(from?.description ?? "nothing")")
      }
    } catch {
      try files.record(.idle)
      if let failure = error as? UpdatingError, failure.code == .updaterBroken {
        try condemn(release.version.description, tree: release.treeDigest.hex, reason: failure.message)
      }
      throw error
    }
    try await begin(journal)
    try door.intake.clear(keeping: [])
  }

  /// Puts the release's tree on disk, unless the very same tree is there and whole.
  func stage(_ release: Release, through door: Door) throws {
    if try isWhole(release) { return }
    try refuseIfLinked(release.version)
    device.log.info(
      "staging \(release.version): \(release.tree.totals.inodes) entries, \(release.tree.totals.bytes) bytes")
    let name = try Stager(store).extract(release, archive: door.archive(of: release.targets))
    try adopt(name, release)
  }

  func adopt(_ staging: String, _ release: Release) throws {
    let trees = try Directory.open(device.layout.trees)
    try DurableFile.write(release.productBytes, "app-\(release.version).product.json", in: trees)
    try store.adopt(staging, version: release.version, manifest: release.treeBytes)
  }

  private func isWhole(_ release: Release) throws -> Bool {
    guard store.contains(release.version), let kept = try? store.manifest(of: release.version),
      kept.digest == release.treeDigest
    else { return false }
    let tree = try Directory.open(store.path(of: release.version))
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
    try await Probing(device).begin()
    try files.record(journal)
    try pointAndWriteUnits(journal)
    try await device.services.reload()
    let switched = device.clock.monotonic()
    try await restart(try agentUnits(of: journal.to), of: journal.to ?? "?")
    journal = journal.moved(to: .proving)
    journal.probation = Probation(boot: device.clock.bootID(), now: switched)
    try files.record(journal)
    device.log.notice("switched to \(journal.to ?? "?"); it is on probation (build \(Build.own))")
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
