import Bundles
import Cryptography
import Installation
import Posix
import Product
import SystemPackage
import TUF

/// Writes `wanted.json`: what fetch is to bring, and what it compares with.
struct Want {
  let device: Device

  init(_ device: Device) { self.device = device }

  /// - Parameters:
  ///   - product: the manifest that says which channel to follow; nil for that of what runs.
  ///   - policy: says whether the repository has moved; nil: as it was known before.
  ///   - again: reasons of the decision; when the first of them ends, everything is decided anew.
  ///   - decided: false where the channel has not been asked: the next poll leads to a decision, news or not.
  func write(
    _ door: Door, targets: [TargetReference], of product: ProductManifest? = nil, policy: Policy? = nil,
    again: [WaitingFor] = [], decided: Bool = true
  ) throws {
    guard let trusted = door.trusted else { return }
    let manifest =
      try product ?? VersionStore(device.layout).version(.current).map { try device.manifest(of: $0) }
    let channel = manifest.map { device.configuration.channel(for: $0) } ?? "stable"
    let state = try Directory.open(device.layout.state)
    let before = try state.read("wanted.json", limit: Wanted.limit)
    let wanted = Wanted(
      rootVersion: trusted.root.version, metadata: Self.known(trusted),
      follow: [
        TargetNames.policy(device.layout.product), TargetNames.channel(channel, of: device.layout.product),
      ],
      kept: try Directory.open(device.layout.trustedTargets).names(), targets: targets,
      movedTo: policy.map(\.moveTo) ?? before.flatMap { try? JSON.decode(Wanted.self, $0).movedTo },
      configuration: device.configurationDigest,
      again: decided ? again.compactMap(\.until).min() : Timestamp(seconds: 0))
    let bytes = try JSON.encode(wanted)
    if before == bytes, !Wanted.isOld(try state.status("wanted.json")) { return }
    noteWishes(wanted, before)
    try DurableFile.write(bytes, "wanted.json", in: state)
  }

  private func noteWishes(_ wanted: Wanted, _ before: [UInt8]?) {
    let known = before.flatMap { try? JSON.decode(Wanted.self, $0).configuration }
    if let known, known != wanted.configuration { device.history.note(Event(.wishesTaken)) }
  }

  private static func known(_ trusted: TrustedSet) -> [String: Wanted.Known] {
    var known: [String: Wanted.Known] = [:]
    known["timestamp"] = trusted.timestamp.map { .init(version: $0.version, sha256: $0.sha256.hex) }
    known["snapshot"] = trusted.snapshot.map { .init(version: $0.version, sha256: $0.sha256.hex) }
    known["targets"] = trusted.targets.map { .init(version: $0.version, sha256: $0.sha256.hex) }
    for (role, targets) in trusted.delegated {
      known[role] = .init(version: targets.version, sha256: targets.sha256.hex)
    }
    return known
  }
}
