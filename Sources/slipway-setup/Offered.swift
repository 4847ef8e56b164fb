import Bundles
import Product

/// What a verified bundle offers to install.
struct Offered {
  /// Seconds since the epoch before which no release of Slipway was built (2026-11-01T00:00:00Z).
  static let earliest: Int64 = 1_793_491_200
  /// How old a bundle may be: seconds past its timestamp's expiry (400 days).
  static let maximumAge: Int64 = 400 * 86_400

  let version: SemanticVersion
  let targets: ReleaseTargets
  let product: ProductManifest
  let entries: Int64
  /// Bytes of the unpacked tree.
  let treeBytes: Int64
  /// When the bundle's timestamp was signed, in seconds since 1970, if it says so.
  let issued: Int64?

  /// - Throws: exit 70 for a version that the policy blocks, or that lies below its floor, or that is known to be halted.
  init(_ door: inout Door, product id: ProductID) async throws {
    let version = try await door.bundledVersion()
    guard let targets = try await door.targets(of: version) else {
      throw BundleError(.missing, "the bundle brings no whole release")
    }
    let release = try door.release(targets)
    let policy = try await door.policy()
    try Self.hold(version, against: policy)
    try await Self.hold(version, againstHaltsKnownTo: &door, channel: release.product.channel)
    self.version = version
    self.targets = targets
    product = release.product
    entries = release.tree.totals.inodes
    treeBytes = release.tree.totals.bytes
    issued = door.trusted?.issued
  }
}
