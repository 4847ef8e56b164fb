/// The way to a server, and why it is this one.
public struct ProxyDecision: Sendable, Equatable, CustomStringConvertible {
  public let mode: ProxyMode
  /// What decided, for people: a bypass rule, a script's address, a variable.
  public let rule: String
  /// In the order in which they are tried; never none.
  public let routes: [ProxyRoute]

  public init(_ mode: ProxyMode, rule: String, routes: [ProxyRoute]) {
    self.mode = mode
    self.rule = rule
    self.routes = routes
  }

  /// In one line, for logs.
  public var description: String {
    "\(routes.map(\.description).joined(separator: "; ")) (\(mode.rawValue): \(rule))"
  }
}

extension ProxySettings {
  /// What `none` and `manual` decide, for which nothing needs to be asked; nil in the other modes.
  public func decision(for origin: WebOrigin) -> ProxyDecision? {
    switch mode {
    case .none: return ProxyDecision(.none, rule: "no proxy is set", routes: [.direct])
    case .manual:
      if let rule = bypass.first(where: { $0.matches(origin) }) {
        return ProxyDecision(.manual, rule: "bypass \(rule)", routes: [.direct])
      }
      let servers = servers.filter { $0.scheme == nil || $0.scheme == origin.scheme }
      guard !servers.isEmpty else {
        return ProxyDecision(.manual, rule: "no server is set for \(origin.scheme.rawValue)", routes: [.direct])
      }
      return ProxyDecision(
        .manual, rule: "servers \(servers.map(\.description).joined(separator: ","))",
        routes: servers.map { .through($0.endpoint) })
    case .autoscript, .autodetect, .environment: return nil
    }
  }
}
