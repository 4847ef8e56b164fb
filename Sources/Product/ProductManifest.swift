/// Everything a device knows about a product: compiled from the publisher's TOML by `slipway-release pack`, then signed.
public struct ProductManifest: Document, Equatable {
  public static let schema = "slipway.product/1"

  public var id: ProductID
  public var name: LocalizedText
  public var publisher: String
  /// The licence's text; absent when there is nothing to accept.
  public var licence: LocalizedText?
  public var version: SemanticVersion
  /// The platform that this copy of the manifest is for.
  public var platform: Platform
  /// All platforms that a release of the product must have.
  public var platforms: [Platform]
  public var repository: RepositoryLocations
  public var channel: String
  public var prerequisites: PrerequisiteRules
  public var services: [AgentService]
  /// Units that are disabled while the product is managed, and given back on offboarding.
  public var takesOver: [String]
  public var updates: UpdateRules
  public var data: [DataFolder]
  public var offboarding: [OffboardingHook]
  /// Paths in the tree that may be setuid or setgid.
  public var specialModes: [String]
  /// Paths of keys that a reader must know, or refuse the manifest.
  public var requires: [String]

  public init(
    id: ProductID, name: LocalizedText, publisher: String, licence: LocalizedText? = nil, version: SemanticVersion,
    platform: Platform, platforms: [Platform], repository: RepositoryLocations = RepositoryLocations(),
    channel: String = "stable", prerequisites: PrerequisiteRules = PrerequisiteRules(), services: [AgentService],
    takesOver: [String] = [], updates: UpdateRules = UpdateRules(), data: [DataFolder] = [],
    offboarding: [OffboardingHook] = [], specialModes: [String] = [], requires: [String] = []
  ) {
    self.id = id
    self.name = name
    self.publisher = publisher
    self.licence = licence
    self.version = version
    self.platform = platform
    self.platforms = platforms
    self.repository = repository
    self.channel = channel
    self.prerequisites = prerequisites
    self.services = services
    self.takesOver = takesOver
    self.updates = updates
    self.data = data
    self.offboarding = offboarding
    self.specialModes = specialModes
    self.requires = requires
  }

  public var identity: ReleaseIdentity { ReleaseIdentity(id: id, version: version, platform: platform) }

  /// Reads a manifest and checks it.
  ///
  /// - Throws: `.malformed`, `.unsupported` (exit code 24), `.invalid`.
  public static func parse(_ bytes: [UInt8]) throws(ProductError) -> ProductManifest {
    let manifest = try ProductManifest(parsing: bytes)
    if let problem = manifest.problems().first { throw problem }
    return manifest
  }
}

extension ProductManifest {
  enum CodingKeys: String, CodingKey {
    case schema, id, name, publisher, licence, version, platform, platforms, repository, channel, prerequisites
    case services, takesOver, updates, data, offboarding, specialModes, requires
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      id: try container.decode(ProductID.self, forKey: .id),
      name: try container.decode(LocalizedText.self, forKey: .name),
      publisher: try container.decode(String.self, forKey: .publisher),
      licence: try container.decodeIfPresent(LocalizedText.self, forKey: .licence),
      version: try container.decode(SemanticVersion.self, forKey: .version),
      platform: try container.decode(Platform.self, forKey: .platform),
      platforms: try container.decode([Platform].self, forKey: .platforms),
      repository: try container.value(.repository, or: RepositoryLocations()),
      channel: try container.value(.channel, or: "stable"),
      prerequisites: try container.value(.prerequisites, or: PrerequisiteRules()),
      services: try container.decode([AgentService].self, forKey: .services),
      takesOver: try container.value(.takesOver, or: []),
      updates: try container.value(.updates, or: UpdateRules()),
      data: try container.value(.data, or: []),
      offboarding: try container.value(.offboarding, or: []),
      specialModes: try container.value(.specialModes, or: []),
      requires: try container.value(.requires, or: []))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(ProductManifest.schema, forKey: .schema)
    try container.encode(id, forKey: .id)
    try container.encode(name, forKey: .name)
    try container.encode(publisher, forKey: .publisher)
    try container.encodeIfPresent(licence, forKey: .licence)
    try container.encode(version, forKey: .version)
    try container.encode(platform, forKey: .platform)
    try container.encode(platforms, forKey: .platforms)
    try container.encode(repository, forKey: .repository)
    try container.encode(channel, forKey: .channel)
    try container.encode(prerequisites, forKey: .prerequisites)
    try container.encode(services, forKey: .services)
    try container.encode(takesOver, forKey: .takesOver)
    try container.encode(updates, forKey: .updates)
    try container.encode(data, forKey: .data)
    try container.encode(offboarding, forKey: .offboarding)
    try container.encode(specialModes, forKey: .specialModes)
    try container.encode(requires, forKey: .requires)
  }

  public static let knownKeys: Set<String> = [
    "schema", "id", "name", "name.text", "name.byLanguage", "publisher", "licence", "licence.text",
    "licence.byLanguage", "version", "platform", "platforms", "repository", "repository.metadata",
    "repository.targets", "channel", "prerequisites", "prerequisites.tpm", "prerequisites.accounts",
    "prerequisites.diskMinimumBytes", "prerequisites.os", "prerequisites.os.id", "prerequisites.os.versions",
    "prerequisites.packages", "prerequisites.network", "prerequisites.network.host", "prerequisites.network.port",
    "prerequisites.required", "services", "services.name", "services.command", "services.user", "services.groups",
    "services.rootReason", "services.environment", "services.hardening", "services.hardening.reason",
    "services.hardening.memoryDenyWriteExecute", "services.hardening.privateDevices",
    "services.hardening.protectHome", "services.hardening.restrictRealtime", "services.hardening.restrictNamespaces",
    "services.hardening.devices", "services.hardening.capabilities", "services.hardening.addressFamilies",
    "services.hardening.writablePaths", "services.hardening.systemCalls", "services.restart",
    "services.restart.delaySeconds", "services.restart.burst", "services.restart.intervalSeconds",
    "services.restart.stopSeconds", "services.probe", "services.probe.http", "services.probe.http.url",
    "services.probe.http.expectStatus", "services.probe.unixSocket", "services.probe.unixSocket.path",
    "services.probe.unixSocket.urlPath", "services.probe.unixSocket.expectStatus", "services.probe.command",
    "services.probe.fileAge", "services.probe.fileAge.path", "services.probe.fileAge.maximumSeconds",
    "services.probe.timeoutSeconds", "services.probe.deadlineSeconds", "services.probe.intervalSeconds",
    "services.probationSeconds", "services.busy", "services.busy.command", "services.busy.lockFile", "takesOver",
    "updates", "updates.intervalSeconds", "updates.window", "updates.deferMaxSeconds",
    "updates.deferMaxCriticalSeconds", "updates.catchUpSeconds", "updates.keepVersions",
    "updates.bandwidthBytesPerSecond", "data", "data.name",
    "data.schema", "data.readableFrom", "data.snapshot", "data.migrate", "data.migrateSeconds", "offboarding",
    "offboarding.command", "offboarding.user",
    "offboarding.timeoutSeconds", "specialModes", "requires",
  ]
}
