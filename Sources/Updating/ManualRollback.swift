import Installation
import Posix
import Product

/// `slipway rollback`: back to a version that is kept, by hand.
public struct ManualRollback: Sendable {
  let device: Device

  public init(_ device: Device) { self.device = device }

  /// - Parameter version: nil for the previous one.
  /// - Returns: the version gone back to, which runs and is looked at until it passes.
  public func run(to version: SemanticVersion?) async throws -> SemanticVersion {
    let lock = try device.lock(patience: 10)
    defer { _ = lock }
    let change = try Change(device)
    let journal = try await Recovery(device).resume(atBoot: false)
    guard let current = change.store.version(.current) else {
      throw InstallationError(
        .damaged, "no version is current",
        remedy: "run `slipway recover`; if that does not help, \(InstallationError.installAnew)")
    }
    // While a version is on probation the way back is the one that was left for it.
    let previous =
      journal.state == .proving ? journal.from.flatMap { try? SemanticVersion($0) } : change.store.version(.previous)
    guard let target = version ?? previous, change.store.contains(target), target != current else {
      let kept = try change.store.versions().map(\.description).joined(separator: ", ")
      throw InstallationError(
        .noWayBack,
        "there is no \(version?.description ?? "previous version") of \(device.layout.product) to go back to",
        remedy: "kept here: \(kept)")
    }
    let sealed = try change.store.manifest(of: target).manifest
    let differences = try sealed.differences(in: try Directory.open(change.store.path(of: target)), checkHashes: true)
    guard differences.isEmpty else {
      throw InstallationError(
        .damaged, "\(target) is kept, but differs from its sealed manifest",
        remedy: "go back to another one, or install it as an update (`slipway update`)")
    }
    try await DataWork(device, from: device.manifest(of: current), to: device.manifest(of: target))?.requireWay()
    var back = Journal(
      .rollingBack, from: target.description, to: current.description,
      tree: try change.store.manifest(of: current).digest.hex)
    back.reason = "rolled back by hand"
    try await change.rollBack(back, reason: "rolled back by hand", start: true)
    // A person's word needs no further judge: the version left is known-bad at once, and the one gone back to is not.
    try change.condemn(current.description, tree: back.tree ?? "", reason: "rolled back by hand")
    let tree = try change.store.manifest(of: target).digest.hex
    try change.files.update { $0.knownBad.removeAll { $0.tree == tree } }
    return target
  }
}
