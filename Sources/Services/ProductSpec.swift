/// What the units of one product are generated from.
public struct ProductSpec: Sendable, Equatable, Codable {
  public var id: String
  /// The name that people read.
  public var name: String
  public var services: [ServiceSpec]
  /// Seconds between the end of one poll and the begin of the next.
  public var interval: Int

  public init(id: String, name: String, services: [ServiceSpec], interval: Int = 3600) {
    self.id = id
    self.name = name
    self.services = services
    self.interval = interval
  }

  /// The user that fetch runs as.
  public var fetchUser: String { "slipway-\(id)" }

  /// The unit of one of the agent's services.
  public func unit(of service: ServiceSpec) -> String { "\(id)-\(service.name).service" }

  /// The units of all of the agent's services.
  public var agentUnits: [String] { services.map(unit(of:)) }
}
