/// The releases that the product's offline role has signed completely, by platform.
public struct SignedReleases: Equatable, Sendable {
  /// A signed target, as the verified metadata lists it.
  public struct Target: Equatable, Sendable {
    public let name: String
    /// The role that signed it.
    public let role: String
    /// In hex.
    public let sha256: String

    public init(name: String, role: String, sha256: String) {
      self.name = name
      self.role = role
      self.sha256 = sha256
    }
  }

  private let trees: [SemanticVersion: [Platform: String]]

  /// Takes the releases whose archive, tree manifest and product manifest are all there. Targets of other products, and
  /// those that another role has signed, do not count.
  public init(_ targets: [Target], of id: ProductID) {
    var parts: [ReleaseIdentity: [TargetNames.ReleasePart: String]] = [:]
    for target in targets where target.role == id.role {
      guard let (release, part) = TargetNames.parseRelease(target.name), release.id == id else { continue }
      parts[release, default: [:]][part] = target.sha256
    }
    var trees: [SemanticVersion: [Platform: String]] = [:]
    for (release, found) in parts where found.count == TargetNames.ReleasePart.allCases.count {
      trees[release.version, default: [:]][release.platform] = found[.tree]
    }
    self.trees = trees
  }

  /// Takes SHA-256 of each release's tree manifest, in hex.
  public init(trees: [SemanticVersion: [Platform: String]]) {
    self.trees = trees
  }

  /// SHA-256 of a release's tree manifest in hex; nil when the release is not signed for the platform.
  public func tree(of version: SemanticVersion, on platform: Platform) -> String? { trees[version]?[platform] }

  public var versions: [SemanticVersion] { trees.keys.sorted() }

  public func platforms(of version: SemanticVersion) -> Set<Platform> { Set((trees[version] ?? [:]).keys) }
}
