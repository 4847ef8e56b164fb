/// One generated unit file.
public struct UnitFile: Sendable, Equatable {
  public let name: String
  public let text: String
  /// What it is enabled for (`multi-user.target`), nil for units that others start.
  public let wantedBy: String?
}
