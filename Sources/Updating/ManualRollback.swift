import Installation
import Posix
import Product
import TUF

/// `slipway rollback`: back to a version that is kept, by hand.
public struct ManualRollback: Sendable {
  let device: Device

  public init(_ device: Device) { self.device = device }

  /// - Parameters:
  ///   - version: nil for the previous one.
  ///   - keep: notes that a version is to be avoided, though nothing is wrong with it, before anything is changed; nil:
  ///     the version left becomes known-bad.
  /// - Returns: the version gone back to, which runs and is looked at until it passes.
  /// - Throws: `noWayBack` (42), `refused` (70), `damaged` (33), `deferred` (75): nothing is changed then.
  public func run(
    to version: SemanticVersion?, keep: ((SemanticVersion) throws -> Void)? = nil
  ) async throws -> SemanticVersion {
    let lock = try device.lock(patience: 10)
    defer { _ = lock }
    let change = try Change(device)
    let journal = try await Recovery(device).resume(atBoot: false)
    guard let current = change.store.version(.current) else {
      throw InstallationError(
        .damaged, "no version is current",
        remedy: "run `slipway recover`; if that does not help, \(InstallationError.installAnew)")
    }
    let target = try target(version, from: current, journal, change.store)
    try refuse(target)
    if let damage = try Damage(target, change.store) {
      throw InstallationError(
        .damaged, "\(target) is kept, but is not as sealed: \(damage.said.first ?? "")",
        remedy: "run `slipway verify --repair` first, or go back to another one")
    }
    let manifest = try device.manifest(of: target)
    // Whose manifest is lost may have changed any format.
    if !manifest.data.isEmpty {
      try await DataWork(device, from: device.manifest(of: current), to: manifest)?.requireWay(byHand: true)
    }
    try keep?(current)
    // A damaged version is left all the same, and is known by what the journal says of it where its manifest is lost.
    let tree = (try? change.store.manifest(of: current).digest.hex) ?? journal.tree
    var back = Journal(.rollingBack, from: target.description, to: current.description, tree: tree)
    back.reason = "rolled back by hand"
    back.condemn = keep == nil
    try await change.rollBack(back, reason: "rolled back by hand", start: true)
    // A person's word needs no further judge: the version left is known-bad at once, and the one gone back to is not.
    if keep == nil { try change.condemn(current.description, tree: tree ?? "", reason: "rolled back by hand") }
    let kept = try change.store.manifest(of: target).digest.hex
    try change.files.update { $0.knownBad.removeAll { $0.tree == kept } }
    return target
  }

  private func target(
    _ version: SemanticVersion?, from current: SemanticVersion, _ journal: Journal, _ store: VersionStore
  ) throws -> SemanticVersion {
    // While a version is on probation the way back is the one that was left for it.
    let previous =
      journal.state == .proving ? journal.from.flatMap { try? SemanticVersion($0) } : store.version(.previous)
    guard let target = version ?? previous, store.contains(target), target != current else {
      let kept = try store.versions().map(\.description).joined(separator: ", ")
      throw InstallationError(
        .noWayBack,
        "there is no \(version?.description ?? "previous version") of \(device.layout.product) to go back to",
        remedy: "kept here: \(kept)")
    }
    guard journal.state != .proving || target == previous else {
      throw UpdatingError(
        .deferred, "\(current) is on probation here, and its way back is \(previous?.description ?? "none")",
        remedy: "run `slipway rollback` first, and this again after it; nothing here was changed")
    }
    return target
  }

  /// The publisher's word as it was heard last holds for a person too, however old it is; where none is kept, nothing is
  /// known against a version that was sealed here.
  private func refuse(_ version: SemanticVersion) throws {
    let word = KeptWord(device)
    let policy = word.policy()
    let why: String? =
      if policy?.blocked.contains(version) == true {
        "is blocked by its publisher"
      } else if let floor = policy?.floor, version < floor {
        "is older than \(floor), the oldest that its publisher accepts"
      } else if let halt = word.offer()?.halt(of: version) {
        "is halted by its publisher\(halt.reason.isEmpty ? "" : ": \(halt.reason)")"
      } else {
        nil
      }
    guard let why else { return }
    throw UpdatingError(
      .refused, "\(version) \(why)",
      remedy: "go back to another kept version (--to VERSION), or ask the publisher; nothing here was changed")
  }
}
