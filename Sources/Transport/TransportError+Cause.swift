import AsyncHTTPClient
import NIOHTTP1
import Posix
import Proxies

extension TransportError {
  /// What a failure of the HTTP client, of TLS or of a system call means here; `route`: the way that was taken.
  init(_ cause: any Error, place: String, route: ProxyRoute = .direct) {
    if let known = cause as? TransportError {
      self = known
      return
    }
    if let error = cause as? DialError {
      self.init([(route, error)], place: place)
      return
    }
    let code: Code =
      switch cause {
      case is CancellationError: .cancelled
      case let error as PosixError: .disk(errno: error.code)
      case let error as HTTPClientError: Self.code(of: error)
      case HTTPParserError.invalidEOFState, HTTPParserError.closedConnection: .interrupted
      case is HTTPParserError: .invalidAnswer
      // TLS that ends without its goodbye among them.
      default: .interrupted
      }
    let isLocal = cause is PosixError || cause is CancellationError
    self.init(
      code, (cause as? PosixError)?.path ?? place, isLocal ? "\(cause)" : "\(route): \(cause)")
  }

  /// No way led to the server: the first of them says what this is called, and all are named.
  init(_ failures: [(ProxyRoute, DialError)], place: String) {
    let code = failures.first.map { Self.code(of: $0.1, by: $0.0) } ?? .unreachable(.connect)
    self.init(code, place, failures.map { "\($0.0): \($0.1)" }.joined(separator: "; "))
  }

  private static func code(of error: DialError, by route: ProxyRoute) -> Code {
    switch (error.step, error.code) {
    case (_, .cancelled): .cancelled
    case (_, .identity): .unreachable(.identity)
    // Slow is not the same as not trusted: worth another try.
    case (.tls, .timedOut): .unreachable(.connect)
    case (.tls, _): .unreachable(.tls)
    case (_, .forbiddenByProxy), (_, .proxyCredentials), (_, .proxyScheme): .unreachable(.proxyRefusal)
    case _ where error.isBeyondProxy: .unreachable(.connect)
    case (.resolve, _) where route == .direct: .unreachable(.dns)
    case _ where route == .direct: .unreachable(.connect)
    case _: .unreachable(.proxy)
    }
  }

  private static func code(of error: HTTPClientError) -> Code {
    switch error {
    case .cancelled: .cancelled
    case .readTimeout, .deadlineExceeded, .writeTimeout: .stalled
    case .invalidURL, .emptyHost, .emptyScheme: .invalidURL
    default: .interrupted
    }
  }
}
