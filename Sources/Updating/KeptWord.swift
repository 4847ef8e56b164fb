import Bundles
import Cryptography
import Installation
import Posix
import Product
import TUF

/// What the publisher said last, from the metadata that is trusted here, whatever its expiry.
struct KeptWord {
  private let device: Device
  private let trusted: TrustedSet?

  init(_ device: Device) {
    self.device = device
    trusted = try? Client.load(from: TrustedStore(device.layout))
  }

  /// Nil where it is not kept here.
  func policy() -> Policy? {
    let product = device.layout.product
    return bytes(TargetNames.policy(product), role: product.role).flatMap { try? Policy.parse($0, for: product) }
  }

  /// What the channel that is followed offers to this platform.
  func offer() -> Channel.Offer? {
    let product = device.layout.product
    let current = (try? VersionStore(device.layout))?.version(.current)
    guard let name = try? Choice(device).channelName(current),
      let bytes = bytes(TargetNames.channel(name, of: product), role: product.rolloutRole)
    else { return nil }
    return (try? Channel.parse(bytes, for: product, channel: name))?.platforms[device.platform]
  }

  /// The targets of a release, signed by the offline role.
  func targets(of version: SemanticVersion) -> ReleaseTargets? {
    let identity = ReleaseIdentity(id: device.layout.product, version: version, platform: device.platform)
    func reference(_ part: TargetNames.ReleasePart) -> TargetReference? {
      self.reference(TargetNames.release(part, of: identity), role: device.layout.product.role)
    }
    guard let archive = reference(.archive), let tree = reference(.tree), let product = reference(.product) else {
      return nil
    }
    return ReleaseTargets(version: version, archive: archive, tree: tree, product: product)
  }

  private func reference(_ name: String, role: String) -> TargetReference? {
    guard let info = trusted?.target(name), info.role == role, let digest = info.sha256 else { return nil }
    return TargetReference(name: name, length: Int64(info.length), sha256: digest)
  }

  private func bytes(_ name: String, role: String) -> [UInt8]? {
    guard let reference = reference(name, role: role), reference.length <= Door.smallLimit,
      let kept = try? Directory.open(device.layout.trustedTargets),
      let file = try? Intake(kept).kept(reference.sha256, length: reference.length)
    else { return nil }
    return try? file.descriptor.readAll(limit: Int(reference.length), path: name)
  }
}
