/// A proxy that an admin has named, and the requests that it is for.
public struct ManualProxy: Sendable, Hashable, CustomStringConvertible {
  static let rule =
    "HOST:PORT, with http://, https://, socks4:// or socks5:// in front where it is no http proxy, and with http= or https= before that where it is for such addresses alone"
  /// The most of them.
  static let most = 32

  /// The scheme of the addresses that it is for; nil: all.
  public let scheme: WebOrigin.Scheme?
  public let endpoint: ProxyEndpoint

  public init(_ endpoint: ProxyEndpoint, for scheme: WebOrigin.Scheme? = nil) {
    self.scheme = scheme
    self.endpoint = endpoint
  }

  /// Reads `[http=|https=][KIND://]HOST:PORT`.
  public init(parsing text: String) throws(ProxySettingsError) {
    try Self.refuseUserinfo(text)
    var rest = text[...]
    scheme = [WebOrigin.Scheme.https, .http].first { rest.hasPrefix("\($0.rawValue)=") }
    if let scheme { rest = rest.dropFirst(scheme.rawValue.count + 1) }
    guard let endpoint = ProxyEndpoint(address: rest) else {
      throw ProxySettingsError(value: text, allowed: Self.rule)
    }
    self.endpoint = endpoint
  }

  /// Reads some of them, separated by commas. Errors name the one that is wrong.
  public static func list(_ text: String) throws(ProxySettingsError) -> [ManualProxy] {
    // Before it is taken apart: a password may have a comma.
    try refuseUserinfo(text)
    var list: [ManualProxy] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      list.append(try ManualProxy(parsing: String(part)))
    }
    return try checked(list)
  }

  /// - Throws: for none, too many, or the same twice.
  public static func checked(_ list: [ManualProxy]) throws(ProxySettingsError) -> [ManualProxy] {
    guard !list.isEmpty else { throw ProxySettingsError(value: "", allowed: "at least one " + rule) }
    guard list.count <= most else { throw ProxySettingsError(value: "\(list.count)", allowed: "\(most) at most") }
    var seen: Set<ManualProxy> = []
    for one in list where !seen.insert(one).inserted {
      throw ProxySettingsError(value: one.description, allowed: "each of them once")
    }
    return list
  }

  private static func refuseUserinfo(_ text: String) throws(ProxySettingsError) {
    guard text.utf8.contains(UInt8(ascii: "@")) else { return }
    throw ProxySettingsError(
      value: text,
      allowed: "HOST:PORT without user and password, which are set with `slipway proxy credentials HOST:PORT USER`")
  }

  public var description: String { (scheme.map { "\($0.rawValue)=" } ?? "") + endpoint.address }
}

extension ProxyEndpoint {
  /// Reads `[KIND://]HOST:PORT`; nil for anything else. Without a kind it is an http proxy.
  public init?(address text: some StringProtocol) {
    var rest = Substring(text)
    var kind = Kind.http
    if let found = Self.prefixes.first(where: { rest.lowercased().hasPrefix($0.prefix) }) {
      rest = rest.dropFirst(found.prefix.count)
      kind = found.kind
    }
    guard let place = HostAndPort(rest), let port = place.port else { return nil }
    self.init(kind, host: place.host, port: port)
  }

  /// As an admin writes it.
  public var address: String {
    let prefix = kind == .http ? "" : Self.prefixes.first { $0.kind == kind }?.prefix ?? ""
    return prefix + authority
  }

  /// `HOST:PORT`
  public var authority: String { "\(host.contains(":") ? "[\(host)]" : host):\(port)" }

  private static let prefixes: [(prefix: String, kind: Kind)] = [
    ("http://", .http), ("https://", .https), ("socks4://", .socks4), ("socks5://", .socks5),
  ]
}
