/// The names of a product's targets in the repository.
public enum TargetNames {
  public enum ReleasePart: String, Sendable, CaseIterable {
    /// The release's tree, packed.
    case archive = "tar.zst"
    /// The tree manifest.
    case tree = "tree.json"
    /// The compiled product manifest.
    case product = "product.json"
  }

  public static func policy(_ id: ProductID) -> String { "products/\(id)/policy.json" }

  /// The channel's name is a label, see `ProductManifest.channel`.
  public static func channel(_ channel: String, of id: ProductID) -> String {
    "products/\(id)/channels/\(channel).json"
  }

  public static func release(_ part: ReleasePart, of release: ReleaseIdentity) -> String {
    "products/\(release.id)/releases/\(release.version)/\(release.platform).\(part.rawValue)"
  }

  /// Takes the name of a release's target apart; nil for every other name.
  public static func parseRelease(_ name: String) -> (release: ReleaseIdentity, part: ReleasePart)? {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 5, parts[0] == "products", parts[2] == "releases",
      let id = try? ProductID(parts[1]), let version = try? SemanticVersion(parts[3]),
      let dot = parts[4].firstIndex(of: "."),
      let part = ReleasePart(rawValue: String(parts[4][parts[4].index(after: dot)...])),
      let platform = try? Platform(String(parts[4][..<dot]))
    else { return nil }
    return (ReleaseIdentity(id: id, version: version, platform: platform), part)
  }

  /// The paths that the product's offline role may sign.
  public static func rolePaths(_ id: ProductID) -> [String] {
    ["products/\(id)/policy.json", "products/\(id)/releases/*/*", "products/\(id)/patches/*/*"]
  }

  /// The paths that the product's rollout role may sign.
  public static func rolloutPaths(_ id: ProductID) -> [String] { ["products/\(id)/channels/*"] }
}
