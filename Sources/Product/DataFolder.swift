/// A folder under `/var/lib/ID` that survives updates.
public struct DataFolder: Equatable, Sendable, Codable {
  /// One path component.
  public var name: String
  /// The format that this version writes.
  public var schema: Int
  /// The oldest format that this version still reads.
  public var readableFrom: Int
  /// Whether a copy is made before a switch, for the way back.
  public var snapshot: Bool
  /// Program (a path in the release's tree) and arguments that bring the folder from an older format to ``schema``; nil:
  /// the agent does that by itself, or need not.
  public var migrate: [String]?
  /// Longest time that ``migrate`` may take, in seconds.
  public var migrateSeconds: Int64

  public init(
    name: String, schema: Int = 1, readableFrom: Int? = nil, snapshot: Bool = false, migrate: [String]? = nil,
    migrateSeconds: Int64 = 300
  ) {
    self.name = name
    self.schema = schema
    self.readableFrom = readableFrom ?? schema
    self.snapshot = snapshot
    self.migrate = migrate
    self.migrateSeconds = migrateSeconds
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      name: try container.decode(String.self, forKey: .name), schema: try container.value(.schema, or: 1),
      readableFrom: try container.decodeIfPresent(Int.self, forKey: .readableFrom),
      snapshot: try container.value(.snapshot, or: false),
      migrate: try container.decodeIfPresent([String].self, forKey: .migrate),
      migrateSeconds: try container.value(.migrateSeconds, or: 300))
  }

  /// Whether this version can work with what is written in the format `other`.
  public func reads(_ other: Int) -> Bool { (readableFrom...max(readableFrom, schema)).contains(other) }
}

/// A program of the product's that is run while it is being removed, before its services are gone.
public struct OffboardingHook: Equatable, Sendable, Codable {
  /// Program (a path in the release's tree) and arguments.
  public var command: [String]
  public var user: String
  /// Longest time it may take, in seconds.
  public var timeoutSeconds: Int64

  public init(command: [String], user: String, timeoutSeconds: Int64 = 30) {
    self.command = command
    self.user = user
    self.timeoutSeconds = timeoutSeconds
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      command: try container.decode([String].self, forKey: .command),
      user: try container.decode(String.self, forKey: .user),
      timeoutSeconds: try container.value(.timeoutSeconds, or: 30))
  }
}
