import AsyncHTTPClient
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Posix

/// What connect(2) to a plain address fails with; EACCES and EPERM come from a local firewall.
private let noConnection: Set<Int32> = [
  ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ENETDOWN, ETIMEDOUT, EADDRNOTAVAIL, EACCES, EPERM,
]

extension TransportError {
  /// What a failure of the HTTP client, of TLS or of a system call means here. `route` tells whether a connection that
  /// could not be made was one to the proxy.
  init(_ cause: any Error, place: String, route: Connections.Route) {
    if let known = cause as? TransportError {
      self = known
      return
    }
    let connect: Step = route == .direct ? .connect : .proxy
    let code: Code =
      switch cause {
      case is CancellationError: .cancelled
      case let error as PosixError: .disk(errno: error.code)
      case let error as HTTPClientError: Self.code(of: error, connect: connect)
      case let error as NIOConnectionError:
        .unreachable(route == .direct && error.connectionErrors.isEmpty ? .dns : connect)
      case let error as IOError where noConnection.contains(error.errnoCode): .unreachable(connect)
      case NIOSSLError.uncleanShutdown: .interrupted
      case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: .unreachable(.tls)
      case HTTPParserError.invalidEOFState, HTTPParserError.closedConnection: .interrupted
      case is HTTPParserError: .invalidAnswer
      default: .interrupted
      }
    self.init(code, (cause as? PosixError)?.path ?? place, String(describing: cause))
  }

  private static func code(of error: HTTPClientError, connect: Step) -> Code {
    switch error {
    case .cancelled: .cancelled
    case .readTimeout, .deadlineExceeded, .writeTimeout: .stalled
    case .connectTimeout, .getConnectionFromPoolTimeout: .unreachable(connect)
    // Slow is not the same as not trusted: worth another try.
    case .tlsHandshakeTimeout: .unreachable(.connect)
    case .httpProxyHandshakeTimeout, .invalidProxyResponse, .proxyAuthenticationRequired: .unreachable(.proxy)
    case .invalidURL, .emptyHost, .emptyScheme: .invalidURL
    default: .interrupted
    }
  }
}
