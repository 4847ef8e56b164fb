import Bundles
import Cryptography
import Installation
import Posix
import Product
import Services
import SystemPackage
import TUF

/// The end of an installation: run by the `slipway` inside the verified tree, to which the bootstrapper hands over.
public struct Install: Sendable {
  public enum Outcome: String, Sendable, Codable {
    /// The agent runs and its probe has passed.
    case installed
    /// Everything is in place; there is nobody here to start services (no systemd, or another root).
    case installedNotStarted
    /// An older version was replaced; the new one is on probation.
    case updated
  }

  public let device: Device
  /// Tells a person what is being done.
  public let say: @Sendable (String) -> Void

  public init(_ device: Device, say: @escaping @Sendable (String) -> Void) {
    self.device = device
    self.say = say
  }

  /// - Parameters:
  ///   - staged: the staging folder that the bootstrapper has filled and verified.
  ///   - start: whether services may be started.
  ///
  /// The caller holds the product's lock.
  public func run(_ release: Release, door: inout Door, staged: String, start: Bool) async throws -> Outcome {
    // Looked at so that they are kept: metadata that does not change will not bring them again.
    let policy = try await door.policy()
    _ = try await door.knownChannel(device.configuration.channel(for: release.product))
    defer { try? door.intake.clear() }
    let layout = device.layout
    let files = try StateFiles(device)
    if try files.state() == nil { try files.update { _ in } }
    let undo = UndoList(in: files.directory)
    try await makeAccounts(release.product, undo)
    let store = try VersionStore(layout)
    let change = Change(device, store: store, files: files)
    // What a first installation that was cut off has left is no version to come from.
    if let old = store.version(.current) ?? store.version(.proven), !files.isFirstInstallationUnfinished() {
      let before = try await Recovery(device).resume(atBoot: false)
      if before.state == .proving || before.state == .rolledBack {
        throw UpdatingError(
          .deferred, "\(before.to ?? "a version") is on probation here",
          remedy: "wait until it is kept or rolled back (`slipway status`), then run the Setup file again")
      }
      try change.adopt(staged, release)
      say("Switching from \(old) to \(release.version)")
      var journal = Journal(
        .staged, from: old.description, to: release.version.description, tree: release.treeDigest.hex)
      if start {
        try await change.begin(journal)
      } else if try change.data(journal) != nil {
        // Nobody can copy or migrate data here: whoever starts services does, and then switches.
        let now = Timestamp(seconds: device.time)
        try files.update {
          $0.staged = .init(
            version: release.version, tree: release.treeDigest.hex, readySince: now, waitingSince: now)
        }
        try Waiting(device, change).raise()
        say("\(release.version) is ready; it is switched to when the services run")
      } else {
        // As after a power cut in the middle of a switch: the files are moved, and whoever starts services proves them.
        journal = journal.moved(to: .switching)
        try files.record(journal)
        _ = try await Recovery(device).resume(atBoot: true)
        try Probing(device).timer.raise()
      }
      try Want(device).write(door, targets: [], policy: policy, decided: false)
      return .updated
    }
    try await takeOver(release.product, undo)
    try change.adopt(staged, release)
    try placeFirst(release, door, policy, change, undo)
    if start { try await startFirst(release, change) }
    let now = device.now
    try files.update { $0.lastResult = .init(kind: "installed", version: release.version.description, at: now) }
    try files.record(.idle)
    return start ? .installed : .installedNotStarted
  }

  private func makeAccounts(_ product: ProductManifest, _ undo: UndoList) async throws {
    guard device.isRoot else { return try Preparation(device.layout).giveFetchItsFolders(nil) }
    let accounts = Accounts(device.layout)
    let users = Set([device.layout.fetchUser] + product.services.map(\.user)).subtracting(["root"]).sorted()
    try await accounts.make(users, undo: undo)
    let fetch = accounts.find(device.layout.fetchUser)
    try Preparation(device.layout).giveFetchItsFolders(fetch.map { ($0.user, $0.group) })
  }

  /// Links, units and dispatcher of a first installation: `proven` must be there before anything can be judged, and
  /// `current` comes last, for what it names counts as installed.
  private func placeFirst(
    _ release: Release, _ door: Door, _ policy: Policy, _ change: Change, _ undo: UndoList
  ) throws {
    try change.files.record(Journal(.switching, to: release.version.description, tree: release.treeDigest.hex))
    try change.store.point(.proven, at: release.version)
    try Want(device).write(door, targets: [], of: release.product, policy: policy, decided: false)
    try Dispatcher.write(device.layout, undo)
    let units = UnitFiles(device)
    try undo.note(folders(of: release.product))
    try units.writeUpdater(release.product)
    try units.writeAgent(release.product)
    try change.store.point(.current, at: release.version)
  }

  /// What systemd makes for the agent's services: noted now, so that removal finds it.
  private func folders(of product: ProductManifest) -> [UndoList.Entry] {
    let own = product.services.map { $0.ownFolder(in: product) }
    return own.map { .data("/var/lib/\($0)") } + own.map { .path("/run/\($0)") }
  }

  private func startFirst(_ release: Release, _ change: Change) async throws {
    let layout = device.layout
    try await device.services.reload()
    let name = ProcessPlan.Unit.self
    let units = release.product.agentUnits
    try await device.services.resetFailed(units)
    try await device.services.start([name.recover(layout.product)], noBlock: true)
    // Not started but restarted: an installation that was cut off may have left one running.
    try await device.services.restart(units, noBlock: true)
    say("Waiting for \(release.product.name.text) to answer")
    do {
      try await waitForFirstPass(release.product)
    } catch {
      try await device.services.stop(units)
      var journal = try change.files.journal()
      journal.reason = "\(error)"
      try await change.rollBack(journal, reason: "\(error)", start: true)
    }
    try change.files.update { $0.health = "passing" }
    try await device.services.start(
      [name.applyPath(layout.product), name.requestPath(layout.product), name.fetchTimer(layout.product)], noBlock: true
    )
  }

  private func waitForFirstPass(_ product: ProductManifest) async throws {
    let deadline = device.clock.monotonic() + Probing.rules(product).deadline
    while true {
      let health = try await Probing(device).passes(product)
      if health.passes { return }
      guard device.clock.monotonic() < deadline else {
        throw UpdatingError(
          .noWayBack, health.why ?? "the probe did not pass",
          remedy: "look at the agent's log (`journalctl -u \(product.agentUnits.joined(separator: " -u "))`)")
      }
      try await Task.sleep(for: .milliseconds(500))
    }
  }

  /// Units that stand aside while the product is managed: how they were is noted first.
  private func takeOver(_ product: ProductManifest, _ undo: UndoList) async throws {
    guard device.layout.isHost else { return }
    for unit in product.takesOver {
      let enabled = try await systemctl(["is-enabled", unit])
      guard !enabled.isEmpty, enabled != "not-found", !enabled.contains("No such file") else { continue }
      let active = try await systemctl(["is-active", unit])
      try undo.note([.takenOver(unit: unit, enabled: enabled, active: active)])
      try await device.services.disable([unit])
      try await device.services.stop([unit])
      say("Took over \(unit) (it was \(enabled), \(active))")
    }
  }

  private func systemctl(_ arguments: [String]) async throws -> String {
    let outcome = try await Command.run("/usr/bin/systemctl", arguments, patience: 30, outputLimit: 4096)
    return String(decoding: outcome.output, as: UTF8.self).split(separator: "\n").first.map(String.init) ?? ""
  }
}
