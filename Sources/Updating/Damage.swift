import Archives
import Bundles
import Cryptography
import Installation
import Posix
import Product
import SystemPackage

/// What is wrong with an installed version.
public struct Damage: Sendable {
  /// The sealed tree manifest; nil where it is lost.
  let sealed: TreeManifest?
  let digest: SHA256Digest?
  public let differences: [TreeDifference]
  /// What is wrong with its manifests, in words.
  let faults: [String]

  /// Nil for a version that is as it was sealed.
  public init?(_ version: SemanticVersion, _ store: VersionStore) throws {
    var faults: [String] = []
    do {
      let kept = try store.manifest(of: version)
      (sealed, digest) = (kept.manifest, kept.digest)
    } catch let error as InstallationError where error.code == .damaged {
      (sealed, digest) = (nil, nil)
      faults.append(error.message)
    }
    do { _ = try Device.manifest(of: version, store.layout) } catch let error as InstallationError
      where error.code == .damaged
    { faults.append(error.message) }
    self.faults = faults
    let path = store.path(of: version)
    if let tree = try? Directory.open(path) {
      differences = try sealed?.differences(in: tree, checkHashes: true) ?? []
    } else {
      differences = [TreeDifference(path.lastComponent?.string ?? "", .missing)]
    }
    if differences.isEmpty, faults.isEmpty { return nil }
  }

  /// The damaged ones among the versions that links name: what runs, what has proved itself, the way back.
  public static func all(_ store: VersionStore) throws -> [(SemanticVersion, Damage)] {
    try linked(store).compactMap { version in try Damage(version, store).map { (version, $0) } }
  }

  /// Each once; what runs first.
  public static func linked(_ store: VersionStore) -> [SemanticVersion] {
    var seen: Set<SemanticVersion> = []
    return [VersionStore.Link.current, .proven, .previous].compactMap(store.version).filter { seen.insert($0).inserted }
  }

  /// One line for each thing that is wrong.
  public var said: [String] { faults + differences.map { "\($0)" } }
  var count: Int { faults.count + differences.count }
  var lacksManifests: Bool { !faults.isEmpty }
  /// Without a sealed manifest nobody knows whether the tree is whole.
  var needsTree: Bool { sealed == nil || !differences.isEmpty }

  /// Whether more than the updater was damaged, as far as can be known.
  var touchesAgent: Bool { sealed == nil || differences.contains { !$0.path.hasPrefix("slipway/") } }

  /// Whether signed targets are those of the tree that was sealed.
  func fits(_ targets: ReleaseTargets) -> Bool { digest.map { $0 == targets.tree.sha256 } ?? true }

  /// What of a release has to be brought, if this disk has not got it.
  func lacking(_ targets: ReleaseTargets) -> [TargetReference] {
    needsTree ? targets.all : [targets.product, targets.tree]
  }

  static func hasWholeUpdater(_ store: VersionStore, _ link: VersionStore.Link) throws -> Bool {
    guard let version = store.version(link) else { return false }
    guard let damage = try Damage(version, store) else { return true }
    return damage.sealed != nil && !damage.differences.contains { "slipway/bin/slipway".hasPrefix($0.path) }
  }
}
