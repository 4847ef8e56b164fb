import FoundationEssentials

/// A checked http or https URL.
struct WebAddress: Equatable {
  let text: String
  let isSecure: Bool
  /// Lower case, IPv6 without brackets.
  let host: String
  /// What the Host header says: the host, and the port unless it is the scheme's own.
  let authority: String
  let port: Int
  /// From the first slash on, with the query; never empty.
  let pathAndQuery: String

  var origin: Origin { Origin(host: host, port: port, isSecure: isSecure) }

  /// nil for other schemes, a missing host, or a user or password in the URL (they would end up in logs).
  init?(_ text: String) {
    guard let url = URL(string: text) else { return nil }
    self.init(url)
  }

  /// The address that a redirect from here leads to; `location`, absolute or relative, is the answer's header.
  /// Refuses to leave https, or whoever sits in between could choose the rest of the way.
  func redirected(to location: String?) throws(TransportError) -> WebAddress {
    guard let location, let base = URL(string: text), let url = URL(string: location, relativeTo: base),
      let next = WebAddress(url.absoluteURL)
    else { throw TransportError(.invalidAnswer, text, "a redirect to nowhere") }
    guard !isSecure || next.isSecure else {
      throw TransportError(.invalidAnswer, text, "a redirect from https to \(next.text)")
    }
    return next
  }

  private init?(_ url: URL) {
    guard let scheme = url.scheme?.lowercased(), scheme == "http" || scheme == "https", url.user == nil,
      url.password == nil, let named = url.host, !named.isEmpty
    else { return nil }
    var host = named.lowercased()
    if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
    let shown = host.contains(":") ? "[\(host)]" : host
    text = url.absoluteString
    isSecure = scheme == "https"
    self.host = host
    port = url.port ?? (isSecure ? 443 : 80)
    authority =
      switch url.port {
      case nil, isSecure ? 443 : 80: shown
      case let port?: "\(shown):\(port)"
      }
    let path = url.path(percentEncoded: true)
    pathAndQuery = (path.isEmpty ? "/" : path) + (url.query(percentEncoded: true).map { "?\($0)" } ?? "")
  }
}
