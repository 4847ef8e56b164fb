import Bundles
import Console
import Cryptography
import Glibc
import Installation
import Posix
import Prerequisites
import Product
import SystemPackage
import TUF

/// One run of the bootstrapper, in the order of the contract: signatures first, then versions, and only for something
/// newer the checks and the change.
struct SetupRun {
  let command: SetupCommand
  let opened: OpenedBundle

  init(_ command: SetupCommand) throws {
    self.command = command
    opened = try OpenedBundle(command)
  }

  func run() async throws {
    // Verified by the file's own root, in memory: this proves integrity.
    let store = MemoryStore()
    try Client.initialize(store, root: opened.root)
    let product = try await productID(store)
    let layout = Layout(root: command.rootPath, product: product)
    let (door, offered) = try await looking(store, product) { ($0, $1) }
    if command.info { return try Reports.info(offered, door, opened, json: command.json) }
    let installed = Self.installed(layout)
    if command.detect { return try Reports.detect(offered, installed: installed, json: command.json) }

    let checks = Checks(command, layout)
    try checks.refuseSkips(offered)
    if command.checkOnly { return try await checks.run(offered, by: checkProgram(store, product)) }
    let elevation = Elevation(command, layout)
    try Licence(command).accept(offered.product, on: elevation)
    try elevation.require()
    if let installed, installed >= offered.version {
      return try alreadyCurrent(layout, installed: installed, offered)
    }
    try requireReadable([command.config, command.enrolmentKey])
    try await checks.run(offered, by: checkProgram(store, product))
    try refuseKnownBad(layout, offered)
    try await install(layout, offered)
  }

  /// The version that is installed, whole and in order; nil for the remains of a first installation.
  private static func installed(_ layout: Layout) -> SemanticVersion? {
    guard let store = try? VersionStore(layout), let version = store.version(.current) ?? store.version(.proven),
      (try? StateFiles(layout))?.isFirstInstallationUnfinished() == false
    else { return nil }
    return version
  }

  /// A wrong name is said before anything is unpacked.
  private func requireReadable(_ files: [String?]) throws {
    for name in files.compactMap(\.self) {
      let path = command.absolute(name)
      do {
        try FileDescriptor.readingFile(path).close()
      } catch {
        throw Failure(
          .malformedConfiguration, name: "configuration", "\(error)", remedy: "name a file that can be read")
      }
    }
  }

  /// Verifies and reads the offer without elevation. The scratch folder is gone afterwards: a handover replaces this
  /// process, and nothing that it defers would ever run.
  private func looking<Result>(
    _ store: any MetadataStore, _ product: ProductID, _ body: (Door, Offered) throws -> Result
  ) async throws -> Result {
    let scratch = try Scratch()
    defer { scratch.remove() }
    var door = Door(
      product: product, platform: .host, source: opened.source, client: client(store, product),
      intake: Intake(scratch.intake), kept: scratch.kept)
    try await door.refresh()
    let offered = try await Offered(&door, product: product)
    return try body(door, offered)
  }

  private func checkProgram(_ store: any MetadataStore, _ product: ProductID) async throws -> CheckProgram {
    try await looking(store, product) { try CheckProgram($0, $1) }
  }

  private func client(_ store: any MetadataStore, _ product: ProductID?) -> Client {
    Client(
      source: opened.source, store: store, now: max(HostClock.wallSeconds(), Offered.earliest),
      freshness: .offline(maximumAge: Offered.maximumAge, waivedRoles: product.map { [$0.rolloutRole] } ?? []))
  }

  private func productID(_ store: any MetadataStore) async throws -> ProductID {
    var client = client(store, nil)
    return try await opened.product(&client)
  }

  /// An older or the same bundle never drags a device back; the agent updates itself.
  private func alreadyCurrent(_ layout: Layout, installed: SemanticVersion, _ offered: Offered) throws {
    if installed == offered.version { try requireWhole(layout, installed) }
    if command.config != nil || command.enrolmentKey != nil || !command.repository.isEmpty {
      try Handover(command, layout, opened).settingsOnly(installed: installed)
    }
    try Reports.result("alreadyCurrent", layout, installed, command)
  }

  private func requireWhole(_ layout: Layout, _ version: SemanticVersion) throws {
    let store = try VersionStore(layout)
    let tree = try Directory.open(store.path(of: version))
    let differences = try store.manifest(of: version).manifest.differences(in: tree, checkHashes: true)
    guard let first = differences.first else { return }
    throw Failure(
      .damaged, name: "damaged",
      "\(version) is installed and damaged: \(first)"
        + (differences.count > 1 ? " (and \(differences.count - 1) more)" : ""),
      remedy: "\(InstallationError.installAnew) again; `slipway verify` shows all that differs")
  }

  private func refuseKnownBad(_ layout: Layout, _ offered: Offered) throws {
    guard let files = try? StateFiles(layout), let state = try files.state() else { return }
    if let bad = state.knownBad.first(where: { $0.tree == offered.targets.tree.sha256.hex }) {
      throw Failure(
        .forbiddenVersion, name: "knownBad", "\(offered.version) failed on this device at \(bad.at): \(bad.reason)",
        remedy: "install a newer release; nothing here was changed")
    }
  }

  /// Everything again, root-only: nothing that the unprivileged look has made is used.
  private func install(_ layout: Layout, _ offered: Offered) async throws {
    let tell = ProgressMeter(json: command.json, quiet: command.quiet)
    let lock = try ChangeLock.take(layout)
    let missing = Preparation(layout).missingFolders()
    do {
      let staged = try await stage(layout, offered, tell)
      try Handover(command, layout, opened).install(
        staged: staged, version: offered.version, lock: lock, made: missing)
    } catch {
      // The machine is left as it was found.
      Preparation(layout).remove(missing)
      throw error
    }
  }

  /// - Returns: the staging folder's name.
  private func stage(_ layout: Layout, _ offered: Offered, _ tell: ProgressMeter) async throws -> String {
    try Preparation(layout).makeFolders()
    let trusted = DirectoryStore(path: layout.trustedMetadata.string)
    if try trusted.load("root") == nil { try Client.initialize(trusted, root: opened.root) }
    var door = Door(
      product: layout.product, platform: .host, source: opened.source, client: client(trusted, layout.product),
      intake: Intake(try Directory.open(layout.incoming)), kept: try Directory.open(layout.trustedTargets))
    try await door.refresh()
    guard let targets = try await door.targets(of: offered.version), targets == offered.targets else {
      throw BundleError(.mismatch, "the bundle changed while it was being read")
    }
    let release = try door.release(targets)
    try await Offered.hold(offered.version, againstHaltsKnownTo: &door, channel: release.product.channel)
    tell.step("Verified \(release.product.name.text(for: Host.language)) \(release.version)")
    let total = release.tree.totals.bytes
    let staged = try Stager(try VersionStore(layout)).extract(
      release, archive: try door.archive(of: targets), progress: { tell.advance("Unpacking", $0, of: total) })
    tell.step("Unpacked \(release.tree.totals.inodes) entries")
    return staged
  }
}
