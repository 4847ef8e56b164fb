import FoundationEssentials
import NIOCore
import Proxies

/// A tunnel by CONNECT (RFC 9110, 9.3.6).
///
/// Credentials are sent at once: they are given for this very proxy, and many close the connection after a 407.
struct HTTPConnect: ProxyDialect {
  let greeting: [UInt8]
  private var answer = ProxyHead.Reader()

  init(_ origin: Origin, _ credentials: ProxyCredentials?, userAgent: String) {
    var lines = ["CONNECT \(origin.authority) HTTP/1.1", "Host: \(origin.authority)", "User-Agent: \(userAgent)"]
    if let credentials { lines.append("Proxy-Authorization: \(credentials.basic)") }
    greeting = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
  }

  mutating func hear(_ buffer: inout ByteBuffer) throws(DialError) -> ProxyReply? {
    guard let head = try answer.head(&buffer) else { return nil }
    guard (200..<300).contains(head.status) else { throw DialError(status: head.status, wanting: head.schemes) }
    return .through
  }
}

extension ProxyCredentials {
  /// The value of Proxy-Authorization (RFC 7617).
  var basic: String { "Basic " + Data("\(user):\(password)".utf8).base64EncodedString() }
}
