/// A folder that belongs to one process, made and owned as systemd.exec(5) does for `StateDirectory=` and its like.
public struct ServiceFolder: Sendable, Equatable {
  public enum Kind: String, Sendable, CaseIterable {
    case state, logs, runtime

    /// The setting of systemd.exec(5).
    var setting: String {
      switch self {
      case .state: "StateDirectory"
      case .logs: "LogsDirectory"
      case .runtime: "RuntimeDirectory"
      }
    }

    /// The variable that names the folders to the process.
    var variable: String {
      switch self {
      case .state: "STATE_DIRECTORY"
      case .logs: "LOGS_DIRECTORY"
      case .runtime: "RUNTIME_DIRECTORY"
      }
    }

    /// The folder on the device that the names are relative to.
    var base: String {
      switch self {
      case .state: "/var/lib"
      case .logs: "/var/log"
      case .runtime: "/run"
      }
    }
  }

  public let kind: Kind
  /// Relative to the kind's base, without dots.
  public let name: String
  public let mode: UInt16

  public init(_ kind: Kind, _ name: String, mode: UInt16 = 0o755) {
    self.kind = kind
    self.name = name
    self.mode = mode
  }
}
