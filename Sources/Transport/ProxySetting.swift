import Proxies

/// A proxy chosen by hand, without authentication.
public struct ProxySetting: Sendable, Equatable {
  /// A name or an address; IPv6 without brackets.
  public let host: String
  public let port: Int
  /// Hosts reached directly: `host`, `.domain` or `*.domain` (all below it), `*` (all). A port is not looked at.
  public let bypass: [String]

  public init(host: String, port: Int, bypass: [String] = []) {
    self.host = host
    self.port = port
    self.bypass = bypass.map { $0.lowercased() }
  }

  /// Parses `HOST:PORT` or `[IPV6]:PORT`, with or without `http://` in front; nil for anything else.
  public init?(parsing text: String, bypass: [String] = []) {
    var rest = Substring(text)
    if rest.hasPrefix("http://") { rest = rest.dropFirst(7) }
    if rest.hasSuffix("/") { rest = rest.dropLast() }
    guard let colon = rest.lastIndex(of: ":") else { return nil }
    let digits = rest[rest.index(after: colon)...]
    guard digits.utf8.allSatisfy({ (48...57).contains($0) }), let port = Int(digits), (1...65535).contains(port) else {
      return nil
    }
    var host = rest[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
      guard host.utf8.allSatisfy({ Self.isHexadecimal($0) || $0 == 0x3A || $0 == 0x2E }) else { return nil }
    } else {
      guard host.utf8.allSatisfy(Self.isHostByte) else { return nil }
    }
    guard !host.isEmpty else { return nil }
    self.init(host: String(host), port: port, bypass: bypass)
  }

  /// Whether requests to `host` go past the proxy.
  public func bypasses(_ host: String) -> Bool {
    let host = host.lowercased()
    return bypass.contains { pattern in
      if pattern == "*" || pattern == host { return true }
      let suffix = pattern.hasPrefix("*.") ? pattern.dropFirst() : Substring(pattern)
      return suffix.hasPrefix(".") && (host.hasSuffix(suffix) || host == suffix.dropFirst())
    }
  }

  /// This proxy for every host that does not bypass it.
  public var routes: RouteDecision {
    { _, host in bypasses(host) ? [.direct] : [.through(ProxyEndpoint(.http, host: self.host, port: port))] }
  }

  private static func isHexadecimal(_ b: UInt8) -> Bool {
    (48...57).contains(b) || (65...70).contains(b) || (97...102).contains(b)
  }

  private static func isHostByte(_ b: UInt8) -> Bool {
    (48...57).contains(b) || (65...90).contains(b) || (97...122).contains(b) || b == 0x2D || b == 0x2E || b == 0x5F
  }
}
