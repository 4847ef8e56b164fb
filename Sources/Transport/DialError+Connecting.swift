import AsyncHTTPClient
import Glibc
import NIOCore
import NIOPosix

extension DialError {
  /// What it means that TCP to a hop could not be connected; nil for errors of other things.
  init?(connecting error: any Error) {
    switch error {
    case let error as NIOConnectionError:
      guard let last = error.connectionErrors.last?.error else {
        self.init(.nameNotFound, at: .resolve, error.host)
        return
      }
      self = DialError(connecting: last) ?? DialError(.unreachable, at: .connect, "\(last)")
    case ChannelError.connectTimeout: self.init(.timedOut, at: .connect)
    case let error as HTTPClientError where [.connectTimeout, .getConnectionFromPoolTimeout].contains(error):
      self.init(.timedOut, at: .connect)
    case let error as IOError:
      switch error.errnoCode {
      case ECONNREFUSED: self.init(.refused, at: .connect)
      case ETIMEDOUT: self.init(.timedOut, at: .connect)
      // EACCES and EPERM come from a local firewall.
      case EHOSTUNREACH, ENETUNREACH, ENETDOWN, EADDRNOTAVAIL, EACCES, EPERM:
        self.init(.unreachable, at: .connect, String(cString: strerror(error.errnoCode)))
      default: return nil
      }
    default: return nil
    }
  }
}
