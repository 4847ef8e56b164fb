import Bundles
import Product

/// What one place needs of a repository. Empty sets mean: all of them.
public struct MirrorNeeds: Sendable, Equatable {
  public var products: Set<ProductID>
  public var channels: Set<String>
  public var platforms: Set<Platform>

  public init(products: Set<ProductID> = [], channels: Set<String> = [], platforms: Set<Platform> = []) {
    self.products = products
    self.channels = channels
    self.platforms = platforms
  }

  func names(_ id: ProductID) -> Bool { products.isEmpty || products.contains(id) }

  /// Whether the target is a channel that is needed.
  func names(_ target: TargetReference, of id: ProductID) -> Bool {
    channels.isEmpty || channels.contains { TargetNames.channel($0, of: id) == target.name }
  }

  /// The releases that devices on these channels may come to ask for, in order: what a channel offers, the stepping stone
  /// on the way there, and where the offer itself must be left, what devices go back to.
  func releases(_ policy: Policy, _ offered: [Product.Channel], _ signed: SignedReleases) -> [ReleaseIdentity] {
    var wanted: Set<ReleaseIdentity> = []
    for channel in offered {
      for (platform, offer) in channel.platforms where platforms.isEmpty || platforms.contains(platform) {
        var versions = [offer.version]
        if let via = policy.via, via < offer.version { versions.append(via) }
        func isFree(_ version: SemanticVersion) -> Bool {
          policy.allows(version) && offer.halt(of: version) == nil && signed.tree(of: version, on: platform) != nil
        }
        if !isFree(offer.version) {
          versions += [signed.versions.last { $0 < offer.version && isFree($0) }].compactMap { $0 }
        }
        for version in versions where signed.tree(of: version, on: platform) != nil {
          wanted.insert(ReleaseIdentity(id: policy.id, version: version, platform: platform))
        }
      }
    }
    return wanted.sorted { ($0.version, $0.platform) < ($1.version, $1.platform) }
  }
}
