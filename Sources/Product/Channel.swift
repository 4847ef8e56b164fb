/// What the rollout role offers to the devices of a channel: a choice among the releases that the policy allows.
public struct Channel: Document, Equatable {
  public static let schema = "slipway.channel/1"
  public static let knownKeys: Set<String> = [
    "schema", "id", "channel", "platforms", "platforms.version", "platforms.percent", "platforms.rings",
    "platforms.notBefore", "platforms.halts", "platforms.halts.version", "platforms.halts.reason",
    "platforms.halts.rollBack", "requires",
  ]

  public var id: ProductID
  public var channel: String
  public var platforms: [Platform: Offer]
  public var requires: [String]

  public init(id: ProductID, channel: String, platforms: [Platform: Offer] = [:], requires: [String] = []) {
    self.id = id
    self.channel = channel
    self.platforms = platforms
    self.requires = requires
  }

  /// Reads a channel and checks that it is the one the device follows.
  ///
  /// - Throws: `.malformed`, `.unsupported`, `.invalid`, `.wrongProduct`.
  public static func parse(_ bytes: [UInt8], for id: ProductID, channel: String) throws(ProductError) -> Channel {
    let document = try Channel(parsing: bytes)
    for (key, found, expected) in [("id", document.id.text, id.text), ("channel", document.channel, channel)]
    where found != expected {
      throw ProductError(.wrongProduct, key: key, value: found, allowed: "the channel must say \(expected) here")
    }
    for (platform, offer) in document.platforms {
      guard (0...100).contains(offer.percent) else {
        throw ProductError(
          .invalid, key: "platforms.\(platform).percent", value: "\(offer.percent)", allowed: "0 to 100")
      }
    }
    return document
  }

  enum CodingKeys: String, CodingKey { case schema, id, channel, platforms, requires }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    // By text first: a key that is no platform is an error with a name, not one for whoever reads Swift's own.
    let offers = try container.decode([String: Offer].self, forKey: .platforms)
    var platforms: [Platform: Offer] = [:]
    for (name, offer) in offers { platforms[try Platform(name)] = offer }
    self.init(
      id: try container.decode(ProductID.self, forKey: .id),
      channel: try container.decode(String.self, forKey: .channel),
      platforms: platforms,
      requires: try container.value(.requires, or: []))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(Channel.schema, forKey: .schema)
    try container.encode(id, forKey: .id)
    try container.encode(channel, forKey: .channel)
    try container.encode(platforms, forKey: .platforms)
    try container.encode(requires, forKey: .requires)
  }
}

extension Channel {
  /// What one platform's devices are offered.
  public struct Offer: Equatable, Sendable, Codable {
    public var version: SemanticVersion
    /// Devices whose bucket is below this take the version; 0 to 100.
    public var percent: Int
    /// Only devices in one of these rings take the version; empty means all.
    public var rings: [String]
    public var notBefore: Timestamp?
    /// Versions that nobody installs for now; `version` itself may be among them.
    public var halts: [Halt]

    public init(
      version: SemanticVersion, percent: Int = 100, rings: [String] = [], notBefore: Timestamp? = nil,
      halts: [Halt] = []
    ) {
      self.version = version
      self.percent = percent
      self.rings = rings
      self.notBefore = notBefore
      self.halts = halts
    }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      self.init(
        version: try container.decode(SemanticVersion.self, forKey: .version),
        percent: try container.value(.percent, or: 100),
        rings: try container.value(.rings, or: []),
        notBefore: try container.decodeIfPresent(Timestamp.self, forKey: .notBefore),
        halts: try container.value(.halts, or: []))
    }

    /// The halt of a version, if there is one.
    public func halt(of version: SemanticVersion) -> Halt? { halts.first { $0.version == version } }
  }

  /// A version withdrawn by the rollout role.
  public struct Halt: Equatable, Sendable, Codable {
    public var version: SemanticVersion
    public var reason: String
    /// Whether devices that run the version go back.
    public var rollBack: Bool

    public init(version: SemanticVersion, reason: String, rollBack: Bool = false) {
      self.version = version
      self.reason = reason
      self.rollBack = rollBack
    }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      self.init(
        version: try container.decode(SemanticVersion.self, forKey: .version),
        reason: try container.value(.reason, or: ""), rollBack: try container.value(.rollBack, or: false))
    }
  }
}
