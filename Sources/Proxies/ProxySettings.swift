/// How a way to servers is found.
public enum ProxyMode: String, Sendable, Hashable, CaseIterable, Codable {
  /// No proxy: every server is reached directly.
  case none
  /// The servers that an admin has named.
  case manual
  /// A proxy auto-configuration script from an address that an admin has named.
  case autoscript
  /// Such a script from where the network says that it is (WPAD).
  case autodetect
  /// `HTTPS_PROXY` and its kin, of the person who types a command: nothing that runs in the background has them.
  case environment
}

/// What an admin has set. The parameters of modes other than the chosen one are kept for later.
public struct ProxySettings: Sendable, Equatable {
  public var mode: ProxyMode
  /// For `manual`, in the order in which they are tried.
  public var servers: [ManualProxy]
  /// For `manual`: what is reached directly all the same.
  public var bypass: [BypassRule]
  /// For `autoscript`.
  public var script: ScriptSource?

  public init(
    _ mode: ProxyMode = .none, servers: [ManualProxy] = [], bypass: [BypassRule] = [], script: ScriptSource? = nil
  ) {
    self.mode = mode
    self.servers = servers
    self.bypass = bypass
    self.script = script
  }

  /// In one line, for people.
  public var summary: String {
    switch mode {
    case .none: "none"
    case .manual:
      "manual \(servers.map(\.description).joined(separator: ","))"
        + (bypass.isEmpty ? "" : ", not for \(bypass.map(\.description).joined(separator: ","))")
    case .autoscript: "autoscript \(script?.description ?? "")"
    case .autodetect, .environment: mode.rawValue
    }
  }
}

/// A value that a person wrote and that is not taken. Equal by value.
public struct ProxySettingsError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Without user and password.
  public let value: String
  /// What would have been right.
  public let allowed: String

  init(value: String, allowed: String) {
    self.value = value.withoutUserinfo()
    self.allowed = allowed
  }

  public var description: String { "'\(value)' is not accepted: \(allowed)" }
}
