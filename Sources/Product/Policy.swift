/// What the publisher's offline role lets devices run at all.
public struct Policy: Document, Equatable {
  public static let schema = "slipway.policy/1"
  public static let knownKeys: Set<String> = [
    "schema", "id", "releases", "floor", "blocked", "critical", "minimumUpdater", "via", "moveTo",
    "moveTo.metadata", "moveTo.targets", "requires",
  ]

  public var id: ProductID
  /// Releases that may be chosen.
  public var releases: [SemanticVersion]
  /// The oldest release that may be chosen.
  public var floor: SemanticVersion?
  /// Releases that devices must leave.
  public var blocked: [SemanticVersion]
  /// Releases that are put off for a shorter time only.
  public var critical: [SemanticVersion]
  /// The oldest updater that may install releases newer than `via` (without `via`: any release).
  public var minimumUpdater: SemanticVersion?
  /// The release that older updaters install first, because its updater is new enough.
  public var via: SemanticVersion?
  /// Where the repository has moved to.
  public var moveTo: RepositoryLocations?
  public var requires: [String]

  public init(
    id: ProductID, releases: [SemanticVersion] = [], floor: SemanticVersion? = nil, blocked: [SemanticVersion] = [],
    critical: [SemanticVersion] = [], minimumUpdater: SemanticVersion? = nil, via: SemanticVersion? = nil,
    moveTo: RepositoryLocations? = nil, requires: [String] = []
  ) {
    self.id = id
    self.releases = releases
    self.floor = floor
    self.blocked = blocked
    self.critical = critical
    self.minimumUpdater = minimumUpdater
    self.via = via
    self.moveTo = moveTo
    self.requires = requires
  }

  /// Whether devices may run a version: a release that is not blocked, at or above the floor.
  public func allows(_ version: SemanticVersion) -> Bool {
    guard releases.contains(version), !blocked.contains(version) else { return false }
    return floor.map { version >= $0 } ?? true
  }

  /// Reads a policy and checks that it is the device's product's.
  ///
  /// - Throws: `.malformed`, `.unsupported`, `.invalid`, `.wrongProduct`.
  public static func parse(_ bytes: [UInt8], for id: ProductID) throws(ProductError) -> Policy {
    let policy = try Policy(parsing: bytes)
    guard policy.id == id else {
      throw ProductError(.wrongProduct, key: "id", value: policy.id.text, allowed: "the policy must say \(id) here")
    }
    var findings = Findings()
    policy.moveTo?.check(&findings, at: "moveTo")
    if let error = findings.errors.first { throw error }
    return policy
  }

  enum CodingKeys: String, CodingKey {
    case schema, id, releases, floor, blocked, critical, minimumUpdater, via, moveTo, requires
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      id: try container.decode(ProductID.self, forKey: .id),
      releases: try container.decode([SemanticVersion].self, forKey: .releases),
      floor: try container.decodeIfPresent(SemanticVersion.self, forKey: .floor),
      blocked: try container.value(.blocked, or: []),
      critical: try container.value(.critical, or: []),
      minimumUpdater: try container.decodeIfPresent(SemanticVersion.self, forKey: .minimumUpdater),
      via: try container.decodeIfPresent(SemanticVersion.self, forKey: .via),
      moveTo: try container.decodeIfPresent(RepositoryLocations.self, forKey: .moveTo),
      requires: try container.value(.requires, or: []))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(Policy.schema, forKey: .schema)
    try container.encode(id, forKey: .id)
    try container.encode(releases, forKey: .releases)
    try container.encodeIfPresent(floor, forKey: .floor)
    try container.encode(blocked, forKey: .blocked)
    try container.encode(critical, forKey: .critical)
    try container.encodeIfPresent(minimumUpdater, forKey: .minimumUpdater)
    try container.encodeIfPresent(via, forKey: .via)
    try container.encodeIfPresent(moveTo, forKey: .moveTo)
    try container.encode(requires, forKey: .requires)
  }
}
