/// One long-running program of a product; its unit is `ID-NAME.service`.
public struct AgentService: Equatable, Sendable, Codable {
  /// How often and how fast systemd starts it again; Slipway counts restarts during probation itself.
  public struct Restart: Equatable, Sendable, Codable {
    /// Pause before a new start, in seconds.
    public var delaySeconds: Int64
    /// More starts than this within `intervalSeconds` are a crash loop.
    public var burst: Int
    public var intervalSeconds: Int64
    /// Longest time for a clean stop, in seconds.
    public var stopSeconds: Int64

    public init(delaySeconds: Int64 = 1, burst: Int = 3, intervalSeconds: Int64 = 60, stopSeconds: Int64 = 20) {
      self.delaySeconds = delaySeconds
      self.burst = burst
      self.intervalSeconds = intervalSeconds
      self.stopSeconds = stopSeconds
    }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      self.init(
        delaySeconds: try container.value(.delaySeconds, or: 1), burst: try container.value(.burst, or: 3),
        intervalSeconds: try container.value(.intervalSeconds, or: 60),
        stopSeconds: try container.value(.stopSeconds, or: 20))
    }
  }

  public static let standardProbationSeconds: Int64 = 600

  public var name: String
  /// Program and arguments; the program is a path from the root of the release's tree, such as "agent/bin/room-agent".
  public var command: [String]
  public var user: String
  /// Groups the user joins for this service, such as "video".
  public var groups: [String]
  /// Why the service runs as root; mandatory when `user` is "root", refused otherwise.
  public var rootReason: String?
  public var environment: [String: String]
  public var hardening: Hardening
  public var restart: Restart
  /// Absent: the service counts as healthy while its process stays up.
  public var probe: Probe?
  /// Time of passing looks before a version is kept, in seconds.
  public var probationSeconds: Int64
  public var busy: BusySign?

  public init(
    name: String, command: [String], user: String, groups: [String] = [], rootReason: String? = nil,
    environment: [String: String] = [:], hardening: Hardening = .standard, restart: Restart = Restart(),
    probe: Probe? = nil, probationSeconds: Int64 = standardProbationSeconds, busy: BusySign? = nil
  ) {
    self.name = name
    self.command = command
    self.user = user
    self.groups = groups
    self.rootReason = rootReason
    self.environment = environment
    self.hardening = hardening
    self.restart = restart
    self.probe = probe
    self.probationSeconds = probationSeconds
    self.busy = busy
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      name: try container.decode(String.self, forKey: .name),
      command: try container.decode([String].self, forKey: .command),
      user: try container.decode(String.self, forKey: .user),
      groups: try container.value(.groups, or: []),
      rootReason: try container.decodeIfPresent(String.self, forKey: .rootReason),
      environment: try container.value(.environment, or: [:]),
      hardening: try container.value(.hardening, or: .standard),
      restart: try container.value(.restart, or: Restart()),
      probe: try container.decodeIfPresent(Probe.self, forKey: .probe),
      probationSeconds: try container.value(.probationSeconds, or: AgentService.standardProbationSeconds),
      busy: try container.decodeIfPresent(BusySign.self, forKey: .busy))
  }

  /// The unit's name.
  public func unit(of product: ProductID) -> String { "\(product)-\(name).service" }
}
