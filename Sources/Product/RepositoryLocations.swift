/// Where a repository is found; earlier addresses are tried first. Trust never depends on the address.
public struct RepositoryLocations: Equatable, Sendable, Codable {
  /// Base addresses of the metadata, ending in "/".
  public var metadata: [String]
  /// Base addresses of the targets, ending in "/".
  public var targets: [String]

  public init(metadata: [String] = [], targets: [String] = []) {
    self.metadata = metadata
    self.targets = targets
  }
}
