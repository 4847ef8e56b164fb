import FoundationEssentials
import NIOCore
import Proxies

/// A tunnel by CONNECT (RFC 9110, 9.3.6).
///
/// Credentials are sent at once: they are given for this very proxy, and many close the connection after a 407.
struct HTTPConnect: ProxyDialect {
  let greeting: [UInt8]
  private var scanned = 0

  init(_ origin: Origin, _ credentials: ProxyCredentials?, userAgent: String) {
    var lines = ["CONNECT \(origin.authority) HTTP/1.1", "Host: \(origin.authority)", "User-Agent: \(userAgent)"]
    if let credentials { lines.append("Proxy-Authorization: \(credentials.basic)") }
    greeting = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
  }

  mutating func hear(_ buffer: inout ByteBuffer) throws(DialError) -> ProxyReply? {
    guard let head = try ProxyHead(&buffer, scanned: &scanned) else { return nil }
    guard (200..<300).contains(head.status) else { throw DialError(status: head.status, wanting: head.schemes) }
    return .through
  }
}

/// A trial of a proxy with plain http: it sees the request itself, and is asked for the headers of the root page.
struct HTTPForward: ProxyDialect {
  let greeting: [UInt8]
  private var scanned = 0

  init(_ origin: Origin, _ credentials: ProxyCredentials?, userAgent: String) {
    var lines = [
      "HEAD http://\(origin.authority)/ HTTP/1.1", "Host: \(origin.authority)", "User-Agent: \(userAgent)",
      "Connection: close",
    ]
    if let credentials { lines.append("Proxy-Authorization: \(credentials.basic)") }
    greeting = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
  }

  /// A status that only gateways answer with, or 403, is taken for the proxy's own.
  mutating func hear(_ buffer: inout ByteBuffer) throws(DialError) -> ProxyReply? {
    guard let head = try ProxyHead(&buffer, scanned: &scanned) else { return nil }
    guard ![403, 407, 502, 503, 504].contains(head.status) else {
      throw DialError(status: head.status, wanting: head.schemes)
    }
    return .through
  }
}

/// What matters in the head of a proxy's answer.
struct ProxyHead: Equatable {
  /// Bytes that a head may have.
  static let longest = 16 << 10

  let status: Int
  /// The names of the ways to authenticate that are offered (RFC 9110, 11.7.1).
  let schemes: String

  /// Takes a head away from the buffer; nil: it has not come whole. `scanned`: bytes that were looked at before.
  init?(_ buffer: inout ByteBuffer, scanned: inout Int) throws(DialError) {
    let view = buffer.readableBytesView
    guard view.prefix(Self.version.count).elementsEqual(Self.version.prefix(view.count)) else { throw Self.foreign }
    guard let end = Self.end(of: view, from: &scanned) else {
      guard view.count <= Self.longest else { throw Self.foreign }
      return nil
    }
    guard end <= Self.longest, let status = Self.status(view.prefix(end)) else { throw Self.foreign }
    self.status = status
    schemes = Self.schemes(view.prefix(end))
    buffer.moveReaderIndex(forwardBy: end)
  }

  private static let version = Array("HTTP/1.".utf8)

  /// Of `HTTP/1.x NNN`, with whatever comes after a space.
  private static func status(_ head: ByteBufferView) -> Int? {
    let line = Array(head.prefix { $0 != 0x0D })
    guard line.count >= 12, line[8] == 0x20, line.count == 12 || line[12] == 0x20,
      line[7...11].allSatisfy({ $0 == 0x20 || (0x30...0x39).contains($0) }),
      let status = Int(String(decoding: line[9...11], as: UTF8.self)), (100...999).contains(status)
    else { return nil }
    return status
  }

  /// The first few, for people.
  private static func schemes(_ head: ByteBufferView) -> String {
    let wanted = "proxy-authenticate:"
    let names = head.split(separator: 0x0A).compactMap { line -> String? in
      guard String(decoding: line.prefix(wanted.utf8.count), as: UTF8.self).lowercased() == wanted else { return nil }
      let word = line.dropFirst(wanted.utf8.count).drop { $0 == 0x20 }.prefix { isLetterOrDigit($0) }
      return word.isEmpty ? nil : String(decoding: word.prefix(32), as: UTF8.self)
    }
    return names.prefix(8).joined(separator: ", ")
  }

  private static func isLetterOrDigit(_ b: UInt8) -> Bool {
    (0x30...0x39).contains(b) || (0x41...0x5A).contains(b) || (0x61...0x7A).contains(b)
  }

  /// The length of a head with its empty line.
  private static func end(of view: ByteBufferView, from scanned: inout Int) -> Int? {
    while let line = view.dropFirst(scanned).firstIndex(of: UInt8(ascii: "\n")) {
      scanned = line - view.startIndex + 1
      if view.prefix(scanned).suffix(4).elementsEqual("\r\n\r\n".utf8) { return scanned }
    }
    scanned = view.count
    return nil
  }

  private static let foreign = DialError(.proxyProtocol, at: .proxy, "not an HTTP answer")
}

extension DialError {
  /// What the status of a proxy's own answer means; `schemes`: how it wants to be convinced.
  init(status: Int, wanting schemes: String = "") {
    switch status {
    case 403: self.init(.forbiddenByProxy, at: .proxy, "status 403")
    case 407:
      self.init(.proxyCredentials, at: .proxy, "status 407" + (schemes.isEmpty ? "" : ", \(schemes.prefix(100))"))
    default: self.init(.proxyAnswered(status), at: .proxy)
    }
  }
}

extension ProxyCredentials {
  /// The value of Proxy-Authorization (RFC 7617).
  var basic: String { "Basic " + Data("\(user):\(password)".utf8).base64EncodedString() }
}
