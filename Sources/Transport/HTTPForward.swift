import NIOCore
import Proxies

/// A trial of a proxy with plain http: it sees the request itself, and is asked for the headers of what a download would
/// ask for.
struct HTTPForward: ProxyDialect {
  let greeting: [UInt8]
  private var answer = ProxyHead.Reader()

  /// - Parameter path: with the query; "/" takes the place of what no request may contain.
  init(_ origin: Origin, path: String, _ credentials: ProxyCredentials?, userAgent: String) {
    let path = path.utf8.allSatisfy { 0x21...0x7E ~= $0 } ? path : "/"
    var lines = [
      "HEAD http://\(origin.authority)\(path) HTTP/1.1", "Host: \(origin.authority)", "User-Agent: \(userAgent)",
      "Connection: close",
    ]
    if let credentials { lines.append("Proxy-Authorization: \(credentials.basic)") }
    greeting = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
  }

  /// 403 and the statuses of gateways are the proxy's answer or the server's. The way is open where it is the server's.
  mutating func hear(_ buffer: inout ByteBuffer) throws(DialError) -> ProxyReply? {
    guard let head = try answer.head(&buffer) else { return nil }
    switch (head.status, head.speaker) {
    case (407, _), (403, .proxy), (502...504, .proxy):
      throw DialError(status: head.status, wanting: head.schemes)
    case (403, .unknown), (502...504, .unknown):
      throw DialError(.proxyOrServerAnswered(head.status), at: .proxy)
    default: return .through
    }
  }
}
