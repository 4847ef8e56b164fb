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
    try write(trusted, targets: targets, of: product, policy: policy, again: again, decided: decided)
  }

  func write(
    _ trusted: TrustedSet, targets: [TargetReference], of product: ProductManifest? = nil, policy: Policy? = nil,
    again: [WaitingFor] = [], decided: Bool = true
  ) throws {
    let manifest =
      try product ?? VersionStore(device.layout).version(.current).map { try device.manifest(of: $0) }
    let channel = manifest.map { device.configuration.channel(for: $0) } ?? "stable"
    let state = try Directory.open(device.layout.state)
    let before = try? state.read("wanted.json", limit: Wanted.limit)
    let known = before.flatMap { try? JSON.decode(Wanted.self, $0) }
    let wanted = Wanted(
      rootVersion: trusted.root.version, metadata: Self.known(trusted),
      follow: [
        TargetNames.policy(device.layout.product), TargetNames.channel(channel, of: device.layout.product),
      ],
      kept: try Directory.open(device.layout.trustedTargets).names(), targets: targets,
      movedTo: policy.map(\.moveTo) ?? known?.movedTo,
      configuration: device.configurationDigest,
      again: decided ? again.compactMap(\.until).min() : Timestamp(seconds: 0))
    let bytes = try JSON.encode(wanted)
    if before == bytes, !Wanted.isOld(try state.status("wanted.json")) { return }
    if let known = known?.configuration, known != wanted.configuration { device.history.note(Event(.wishesTaken)) }
    try DurableFile.write(bytes, "wanted.json", in: state)
  }

  /// The roles whose metadata fetch was told of.
  func known() -> [String] { told().map { Array($0.metadata.keys) } ?? [] }

  /// The targets that fetch was told to bring.
  func targets() -> [TargetReference] { told()?.targets ?? [] }

  private func told() -> Wanted? {
    let bytes = (try? Directory.open(device.layout.state).read("wanted.json", limit: Wanted.limit)) ?? nil
    return bytes.flatMap { try? JSON.decode(Wanted.self, $0) }
  }

  /// Has fetch bring the metadata of these roles again: it is lost here.
  func forget(_ roles: [String]) throws {
    let state = try Directory.open(device.layout.state)
    guard let bytes = try state.read("wanted.json", limit: Wanted.limit) else { return }
    var wanted = try JSON.decode(Wanted.self, bytes)
    // Without a timestamp and a snapshot that it knows, fetch looks at every role.
    for role in roles + ["timestamp", "snapshot"] { wanted.metadata[role] = nil }
    try DurableFile.write(try JSON.encode(wanted), "wanted.json", in: state)
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
