import Archives
import Bundles
import Cryptography
import Packing
import Posix
import Product
import ProductTOML
import SystemPackage
import TUF

/// Packs one release for one platform and signs it.
public struct Packer: Sendable {
  /// The product manifest in TOML.
  public let manifest: FilePath
  public let tree: FilePath
  public let version: SemanticVersion
  public let platform: Platform
  /// The `slipway` executable, or the folder that holds it.
  public let updater: FilePath?
  /// zstd's level, 1 to 22. With the tree it decides the archive's bytes.
  public let level: Int
  /// Compressing threads.
  public let workers: Int
  /// Keys of the product's offline role that must sign; counts only for the product's first release.
  public let threshold: Int

  public init(
    manifest: FilePath, tree: FilePath, version: SemanticVersion, platform: Platform, updater: FilePath? = nil,
    level: Int = 19, workers: Int = 1, threshold: Int = 1
  ) {
    self.manifest = manifest
    self.tree = tree
    self.version = version
    self.platform = platform
    self.updater = updater
    self.level = level
    self.workers = workers
    self.threshold = threshold
  }

  public struct Result: Sendable {
    public let release: ReleaseIdentity
    public let targets: ReleaseTargets
    public let totals: TreeManifest.Totals
    /// False: exactly this release was published before.
    public let isNew: Bool
    /// Whether it is the product's first release, for which roles and keys were made.
    public let isFirst: Bool
  }

  /// Errors: conflict (the version is published with other bytes), invalidInput, and those of manifest, tree and keys.
  public func run(repository path: FilePath, signing: Signing) throws -> Result {
    let repository = try Repository.open(path)
    return try repository.locked { try pack(into: repository, signing) }
  }

  private func pack(into repository: Repository, _ signing: Signing) throws -> Result {
    let product = try readManifest()
    let release = product.identity
    var signing = signing
    var editor = try signing.editor(of: repository)

    let staging = Staging(repository)
    defer { staging.remove() }
    let tree = try ReleaseTree(
      tree: tree, updater: updater, release: release, specialModes: product.specialModes, staging: staging.make)
    try tree.check(product, manifest: manifest)
    let small = [
      TargetNames.ReleasePart.product: try product.encoded(), .tree: try tree.manifest.encoded(),
    ]
    let state = ProductState(release.id, editor, repository)
    let published = try state.targets(of: release)
    if published == nil { try DataRules(product: product, state: state, repository: repository).check() }
    if let published {
      try Self.compare(small, with: published, of: release)
      if try repository.problem(of: published.archive) == nil {
        return Result(release: release, targets: published, totals: tree.manifest.totals, isNew: false, isFirst: false)
      }
    }

    // Targets first, metadata after, the timestamp last: nobody sees what is not whole.
    func store(_ part: TargetNames.ReleasePart) throws -> TargetReference {
      try repository.store(small[part] ?? [], as: TargetNames.release(part, of: release))
    }
    let targets = ReleaseTargets(
      version: version,
      archive: try repository.store(as: TargetNames.release(.archive, of: release)) { file in
        try TreeArchive.write(tree: tree.path, manifest: tree.manifest, to: file, level: level, workers: workers)
      }, tree: try store(.tree), product: try store(.product))
    if let published {
      guard published == targets else { throw Self.conflict(release, "archive (was --level another?)") }
      return Result(release: release, targets: targets, totals: tree.manifest.totals, isNew: false, isFirst: false)
    }

    let isFirst = !state.isKnown
    if isFirst { try Delegating(product: release.id, threshold: threshold).run(&editor, signing: &signing) }
    for target in targets.all + [try admit(release, state.policy(), in: repository)] {
      try editor.setTarget(target.name, length: Int(target.length), sha256: target.sha256, in: release.id.role)
    }
    try editor.renew(release.id.role, expires: signing.lifetimes.expiry(of: release.id.role, now: signing.now))
    try signing.finish(&editor, in: repository)
    return Result(release: release, targets: targets, totals: tree.manifest.totals, isNew: true, isFirst: isFirst)
  }

  /// Lists the version in the product's policy.
  private func admit(_ release: ReleaseIdentity, _ policy: Policy?, in repository: Repository) throws -> TargetReference
  {
    var policy = policy ?? Policy(id: release.id)
    policy.releases = Set(policy.releases + [release.version]).sorted()
    return try repository.store(try policy.encoded(), as: TargetNames.policy(release.id))
  }

  /// Errors: conflict, unless the published release is made of the same tree and the same manifest.
  private static func compare(
    _ small: [TargetNames.ReleasePart: [UInt8]], with published: ReleaseTargets, of release: ReleaseIdentity
  ) throws {
    for (part, target) in [(TargetNames.ReleasePart.product, published.product), (.tree, published.tree)]
    where try sha256(small[part] ?? []) != target.sha256 {
      throw conflict(release, part.rawValue)
    }
  }

  private static func conflict(_ release: ReleaseIdentity, _ part: String) -> PublishingError {
    PublishingError(
      .conflict, "\(release.id) \(release.version) for \(release.platform) is published already, with another \(part)",
      remedy: "a version never changes once it is signed: pack it as a new version")
  }

  private func readManifest() throws -> ProductManifest {
    let folder = manifest.removingLastComponent()
    let directory: Directory
    let text: String
    do {
      directory = try Directory.following(folder.isEmpty ? "." : folder)
      text = try Self.text(manifest.lastComponent?.string ?? "", in: directory)
    } catch {
      throw PublishingError(
        .invalidInput, "\(manifest): the manifest cannot be read (\(error))",
        remedy: "name a readable file with --manifest")
    }
    return try ProductTOML.parse(
      text, file: manifest.string, version: version, platform: platform,
      readFile: { try Self.text($0, in: directory) })
  }

  private static func text(_ name: String, in directory: Directory) throws -> String {
    guard let bytes = try directory.read(name, limit: 4 << 20) else {
      throw PublishingError(.invalidInput, "no such file: \(name)")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw PublishingError(.invalidInput, "\(name) is not UTF-8")
    }
    return text
  }
}
