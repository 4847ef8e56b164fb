/// One way to a server, as a proxy decision names it. A decision is a list of these, tried in order.
public enum ProxyRoute: Sendable, Hashable, CustomStringConvertible {
  case direct
  case through(ProxyEndpoint)

  /// As in the answer of a proxy auto-configuration script: `DIRECT`, `PROXY host:port`.
  public var description: String {
    switch self {
    case .direct: "DIRECT"
    case .through(let endpoint): endpoint.description
    }
  }
}

/// A proxy server and the protocol that it is spoken to by.
public struct ProxyEndpoint: Sendable, Hashable, CustomStringConvertible {
  public enum Kind: String, Sendable, Hashable {
    /// Plain TCP, then HTTP's CONNECT or absolute form.
    case http = "PROXY"
    /// TLS to the proxy, then as `http`.
    case https = "HTTPS"
    case socks4 = "SOCKS4"
    case socks5 = "SOCKS5"
  }

  public let kind: Kind
  /// A name or an address; IPv6 without brackets.
  public let host: String
  public let port: Int

  public init(_ kind: Kind, host: String, port: Int) {
    self.kind = kind
    self.host = host
    self.port = port
  }

  public var description: String {
    "\(kind.rawValue) \(host.contains(":") ? "[\(host)]" : host):\(port)"
  }
}
