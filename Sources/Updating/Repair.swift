import Archives
import Bundles
import Cryptography
import Installation
import Posix
import Product
import Services
import SystemPackage
import TUF

/// `slipway verify --repair`: makes installed versions equal to their sealed manifests again. A tree is built anew beside
/// the damaged one and exchanged with it by one step; its bytes come from whatever has the ones that were sealed: another
/// version on this disk, a bundle, or the repository. Whoever brings them, only their hashes count, and no expiry does.
public struct Repair: Sendable {
  /// One version that was damaged.
  public struct Mended: Sendable, Equatable {
    public var version: SemanticVersion
    /// How many differences there were.
    public var differences: Int
    /// `copies`, `bundle` or `repository`.
    public var source: String
    /// Whether the agent was restarted, because files of its own had been damaged.
    public var restarted: Bool
  }

  /// Seconds for a download; as long as fetch's unit has.
  private static let limit = 4.0 * 3600

  let device: Device
  /// Whether services may be started.
  let start: Bool

  public init(_ device: Device, start: Bool) {
    self.device = device
    self.start = start
  }

  /// - Parameter bundle: where bytes that no version here has are to come from; nil: the repository.
  /// - Returns: what was damaged and is whole again.
  /// - Throws: `damaged` (exit code 33) when something cannot be had, `deferred` while a version is on probation.
  public func run(from bundle: (any BundleSource)?) async throws -> [Mended] {
    var mended = try await underLock { try await mend($0, from: bundle, as: "bundle") }
    // What a bundle does not have, the repository may.
    let missing = try await underLock { try await wanted($0) }
    if !missing.isEmpty {
      try await bring(missing)
      mended += try await underLock { change in
        let brought = try claim()
        defer { try? Directory.open(device.layout.incoming).removeTree(RepairFetch.folder) }
        return try await mend(change, from: brought, as: "repository")
      }
    }
    try await underLock { change in
      guard let (version, damage) = try Damage.all(change.store).first else { return }
      throw Self.unrepairable("\(version): \(damage.said.first ?? "damaged")")
    }
    return mended
  }

  private func underLock<Result>(_ work: (Change) async throws -> Result) async throws -> Result {
    let lock = try device.lock(patience: 10)
    defer { _ = lock }
    return try await work(try await settled())
  }

  private func settled() async throws -> Change {
    let journal = try await Recovery(device).resume(atBoot: false)
    if journal.state == .proving || journal.state == .rolledBack {
      throw UpdatingError(
        .deferred, "\(journal.to ?? "a version") is on probation here",
        remedy: "wait until it is kept or rolled back (`slipway status`), then run this again")
    }
    let change = try Change(device)
    // A repair that was killed after the exchange has left the damaged tree.
    try change.store.removeStagings()
    return change
  }

  // MARK: Mending

  private func mend(_ change: Change, from source: (any BundleSource)?, as name: String) async throws -> [Mended] {
    var mended: [Mended] = []
    for (version, damage) in try Damage.all(change.store) {
      var from = "copies"
      var staged: String?
      if damage.needsTree, !damage.lacksManifests, let sealed = damage.sealed {
        staged = try assemble(version, sealed, change)
      }
      if damage.lacksManifests || damage.needsTree && staged == nil {
        guard let source, let release = try await offered(version, damage, by: source) else { continue }
        if damage.needsTree { staged = try extract(release, source, change) }
        try change.store.seal(release)
        from = name
      }
      let restarted = try await replace(version, by: staged, damage, change)
      device.log.notice("\(version) is as sealed again: \(damage.count) differences mended (\(from))")
      mended.append(Mended(version: version, differences: damage.count, source: from, restarted: restarted))
    }
    if let last = mended.last {
      let now = device.now
      try change.files.update {
        $0.lastResult = .init(kind: "repaired", version: last.version.description, at: now)
      }
    }
    return mended
  }

  /// The tree from files of the versions on this disk, the damaged one's own among them; nil where one is nowhere.
  private func assemble(_ version: SemanticVersion, _ sealed: TreeManifest, _ change: Change) throws -> String? {
    let donors = try change.store.versions().compactMap { version -> TreeAssembly.Donor? in
      guard let tree = try? Directory.open(change.store.path(of: version)),
        let manifest = try? change.store.manifest(of: version).manifest
      else { return nil }
      return TreeAssembly.Donor(tree, manifest)
    }
    try change.store.preflight(archiveBytes: 0, treeBytes: sealed.totals.bytes, inodes: sealed.totals.inodes)
    let name = try change.store.makeStaging(for: version)
    do {
      if try TreeAssembly(donors).make(sealed, in: try change.store.staging(name)) == nil { return name }
      try change.store.removeStaging(name)
      return nil
    } catch {
      try? change.store.removeStaging(name)
      throw error
    }
  }

  private func replace(
    _ version: SemanticVersion, by staged: String?, _ damage: Damage, _ change: Change
  ) async throws -> Bool {
    guard let staged else { return false }
    try change.store.replace(version, by: staged)
    let runs = start && damage.touchesAgent && change.store.version(.current) == version
    if runs { try await change.restart(try change.agentUnits(of: "\(version)"), of: "\(version)") }
    try change.store.removeStaging(staged)
    return runs
  }

  // MARK: What is signed

  /// The release as the source has it, if it is the one that was sealed; nil where the source does not have it.
  private func offered(
    _ version: SemanticVersion, _ damage: Damage, by source: any BundleSource
  ) async throws -> Release? {
    let memory = MemoryStore()
    var door = try device.door(source, store: memory)
    if let targets = KeptWord(device).targets(of: version), damage.fits(targets),
      try door.brings(damage.lacking(targets))
    {
      return try door.release(targets)
    }
    // A release that the repository has forgotten: the bundle's own metadata says which of its bytes are the archive, and
    // the sealed manifest says whether they are right.
    guard damage.sealed != nil, let root = try TrustedStore(device.layout).load("root") else { return nil }
    memory.store("root", root)
    door = try device.door(
      source, store: memory,
      freshness: .offline(maximumAge: RequestedUpdate.maximumAge, waivedRoles: [device.layout.product.rolloutRole]))
    guard (try? await door.refresh()) != nil, let targets = try await door.targets(of: version), damage.fits(targets),
      try door.brings(damage.lacking(targets))
    else { return nil }
    return try door.release(targets)
  }

  private func extract(_ release: Release, _ source: any BundleSource, _ change: Change) throws -> String {
    let door = try device.door(source, store: MemoryStore())
    defer { try? door.intake.clear(keeping: []) }
    return try Stager(change.store).extract(release, archive: door.archive(of: release.targets))
  }

  // MARK: The repository

  /// What the repository is asked for.
  private func wanted(_ change: Change) async throws -> [TargetReference] {
    try Damage.all(change.store).flatMap { version, damage -> [TargetReference] in
      guard let targets = KeptWord(device).targets(of: version), damage.fits(targets) else {
        throw Self.unrepairable("\(version): \(damage.said.first ?? "damaged"), and the repository has it no more")
      }
      return damage.lacking(targets)
    }
  }

  /// Has fetch, with its own user and sandbox, bring files into a folder of their own. No lock is held meanwhile.
  private func bring(_ targets: [TargetReference]) async throws {
    let state = try Directory.open(device.layout.state)
    try DurableFile.write(try JSON.encode(RepairFetch.List(targets: targets)), RepairFetch.list, in: state)
    defer { try? state.removeTree(RepairFetch.list) }
    let links: [VersionStore.Link] = [.proven, .current, .previous]
    let change = try Change(device)
    guard let link = try links.first(where: { try Damage.hasWholeUpdater(change.store, $0) }) else {
      throw Self.unrepairable("no updater here is whole, so nothing can be fetched")
    }
    let job = TransientJob(
      command: device.command(link, ["fetch", "--repair"]), user: device.layout.fetchUser,
      sandbox: .fetch(device.paths).adding("ReadWritePaths", device.paths.state.appending("fetch").string),
      timeLimit: Self.limit)
    let result: JobResult
    do { result = try await device.services.run(job) } catch let error as ServicesError {
      throw Self.unrepairable("what is missing cannot be fetched, for \(error.message)")
    }
    guard result.isSuccess else {
      let said = String(decoding: result.output.suffix(4096), as: UTF8.self).split(separator: "\n")
      let error = said.last { $0.hasPrefix("ERROR: ") }?.dropFirst("ERROR: ".count) ?? said.last ?? "fetch failed"
      throw Self.unrepairable("the repository does not give what is missing: \(error)")
    }
  }

  private func claim() throws -> FolderBundle {
    let state = try Directory.open(device.layout.state)
    let intake = try state.makeDirectory("incoming", mode: 0o700)
    try intake.removeTree(RepairFetch.folder)
    try state.directory("fetch").rename(RepairFetch.folder, to: intake, as: RepairFetch.folder)
    return FolderBundle(flat: try intake.directory(RepairFetch.folder))
  }

  static func unrepairable(_ what: String) -> InstallationError {
    InstallationError(
      .damaged, "cannot be repaired: \(what)",
      remedy:
        "get the Setup file of that version and run it; without one: `slipway offboard --keep-data`, then the newest one's"
    )
  }
}
