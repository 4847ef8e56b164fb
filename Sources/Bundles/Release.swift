import Archives
import Cryptography
import Product

/// One target as its signed metadata names it.
public struct TargetReference: Codable, Sendable, Hashable {
  /// The TUF target path, such as `products/room-agent/releases/1.4.2/linux-x86_64.tar.zst`.
  public let name: String
  /// Bytes.
  public let length: Int64
  public let sha256: SHA256Digest

  public init(name: String, length: Int64, sha256: SHA256Digest) {
    self.name = name
    self.length = length
    self.sha256 = sha256
  }
}

/// The three targets that make a release for one platform, as signed by the product's offline role.
public struct ReleaseTargets: Sendable, Equatable {
  public let version: SemanticVersion
  public let archive: TargetReference
  public let tree: TargetReference
  public let product: TargetReference

  public init(version: SemanticVersion, archive: TargetReference, tree: TargetReference, product: TargetReference) {
    self.version = version
    self.archive = archive
    self.tree = tree
    self.product = product
  }

  public var all: [TargetReference] { [product, tree, archive] }
}

/// A release that has been let in: its two manifests verified, parsed, and found to agree with the device's product.
public struct Release: Sendable {
  public let targets: ReleaseTargets
  public let product: ProductManifest
  public let productBytes: [UInt8]
  public let tree: TreeManifest
  /// As signed, byte for byte: what is sealed on the device.
  public let treeBytes: [UInt8]

  /// The largest product or tree manifest that is read, in bytes: some 300,000 entries.
  public static let manifestLimit = 64 << 20

  public var version: SemanticVersion { targets.version }
  public var treeDigest: SHA256Digest { targets.tree.sha256 }
}
