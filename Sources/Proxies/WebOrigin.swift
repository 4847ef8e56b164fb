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

  /// What of a URL its server is asked for: path and query, from a slash on.
  public static func path(of url: String) -> String {
    guard let separator = url.utf8.firstRange(of: Array("://".utf8)) else { return "/" }
    let path = url[separator.upperBound...].drop { !"/?#".contains($0) }.prefix { $0 != "#" }
    return path.hasPrefix("/") ? String(path) : "/" + path
  }
}
