/// What a proxy decision looks at of an http or https URL: scheme, host and port.
public struct WebOrigin: Hashable, Sendable {
  public enum Scheme: String, Sendable, Hashable { case http, https }

  public let scheme: Scheme
  /// In lower case, IPv6 without brackets.
  public let host: String
  public let port: Int

  /// nil for other schemes, without a host, or with a user or password in the URL.
  public init?(_ url: String) {
    guard let separator = url.utf8.firstRange(of: Array("://".utf8)),
      let scheme = Scheme(rawValue: url[..<separator.lowerBound].lowercased())
    else { return nil }
    let rest = url[separator.upperBound...]
    guard let place = HostAndPort(rest.prefix { !"/?#".contains($0) }) else { return nil }
    self.scheme = scheme
    host = place.host
    port = place.port ?? (scheme == .http ? 80 : 443)
  }
}
