/// One service of the agent, as its units need it.
public struct ServiceSpec: Sendable, Equatable, Codable {
  /// SERVICE in `ID-SERVICE.service`.
  public var name: String
  /// The command; a first word without a leading slash lies in the current tree. `${RUNTIME_DIRECTORY}`,
  /// `${STATE_DIRECTORY}` and `${LOGS_DIRECTORY}` stand for the service's own folders.
  public var command: [String]
  public var user: String
  public var environment: [String: String]
  /// Sandbox settings that replace the strict ones; an empty value takes a setting away.
  public var hardening: [String: String]
  /// Data folders under /var/lib that belong to the service.
  public var data: [String]

  public init(
    name: String, command: [String], user: String, environment: [String: String] = [:],
    hardening: [String: String] = [:], data: [String] = []
  ) {
    self.name = name
    self.command = command
    self.user = user
    self.environment = environment
    self.hardening = hardening
    self.data = data
  }
}
