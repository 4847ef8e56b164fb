import Bundles
import Cryptography
import Installation
import Posix
import Product
import SystemPackage

/// Writes `wanted.json`: what fetch is to bring, and what it compares with.
struct Want {
  let device: Device

  init(_ device: Device) { self.device = device }

  func write(_ door: Door, targets: [TargetReference]) throws {
    let trusted = door.client.trusted
    let manifest = try VersionStore(device.layout).version(.current).map { try device.manifest(of: $0) }
    let channel = manifest.map { device.configuration.channel(for: $0) } ?? "stable"
    let wanted = Wanted(
      rootVersion: trusted.rootVersion,
      metadata: trusted.files.mapValues { Wanted.Known(version: $0.version, sha256: $0.sha256) },
      follow: [
        TargetNames.policy(device.layout.product), TargetNames.channel(channel, of: device.layout.product),
      ],
      kept: try Directory.open(device.layout.trustedTargets).names(), targets: targets)
    let state = try Directory.open(device.layout.state)
    try DurableFile.write(try JSON.encode(wanted), "wanted.json", in: state)
  }
}
