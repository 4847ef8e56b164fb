import NIOCore
import Proxies

/// Where a request goes in the end.
struct Origin: Hashable, Sendable {
  /// A name or an address; IPv6 without brackets.
  let host: String
  let port: Int
  let isSecure: Bool

  /// `host:port`, as CONNECT and the Host header write it.
  var authority: String { "\(host.contains(":") ? "[\(host)]" : host):\(port)" }
}

/// The way of one connection: by which route, to which origin.
struct Passage: Hashable, Sendable {
  let route: ProxyRoute
  let origin: Origin

  /// What TCP connects to.
  var hop: (host: String, port: Int) {
    switch route {
    case .direct: (origin.host, origin.port)
    case .through(let proxy): (proxy.host, proxy.port)
    }
  }

  /// Plain http through an HTTP proxy, which sees the request: many allow CONNECT to port 443 only.
  var isForwarded: Bool {
    guard !origin.isSecure, case .through(let proxy) = route else { return false }
    return proxy.kind == .http || proxy.kind == .https
  }

  /// What is said to the proxy before any request; nil for nothing.
  ///
  /// - Parameter path: of a trial, which no request follows: what a proxy is asked for that would see one.
  func dialect(
    _ credentials: ProxyCredentials?, userAgent: String, trying path: String?
  ) throws(DialError) -> (any ProxyDialect)? {
    guard case .through(let proxy) = route else { return nil }
    switch proxy.kind {
    case .http, .https:
      if !isForwarded { return HTTPConnect(origin, credentials, userAgent: userAgent) }
      return path.map { HTTPForward(origin, path: $0, credentials, userAgent: userAgent) }
    case .socks4: return try SOCKS4(origin, user: credentials?.user ?? "")
    case .socks5: return try SOCKS5(origin, credentials)
    }
  }
}

/// One side of a conversation with a proxy: bytes in, bytes out, no I/O.
protocol ProxyDialect: Sendable {
  var greeting: [UInt8] { get }
  /// Called with all that has come and was not taken yet; nil: more is needed.
  mutating func hear(_ buffer: inout ByteBuffer) throws(DialError) -> ProxyReply?
}

enum ProxyReply: Equatable, Sendable {
  case say([UInt8])
  /// From here on the bytes are the origin's.
  case through
}
