import NIOCore
import Proxies

@testable import Transport

extension FuzzTarget {
  static let passages = [proxyAnswer]

  /// What comes back from a proxy, to everything that can be said to one: whether it comes whole or in pieces, the same
  /// is made of it, and nothing of the origin's bytes is taken.
  private static let proxyAnswer = FuzzTarget("proxy-answer", maximumLength: 20_000) { (bytes) throws(Finding) in
    let credentials = ProxyCredentials(user: "device", password: "secret")
    let (secure, plain) = (
      Origin(host: "a.example", port: 443, isSecure: true), Origin(host: "192.0.2.7", port: 80, isSecure: false)
    )
    let dialects = try mustSucceed("dialects") { () throws -> [any ProxyDialect] in
      [
        HTTPConnect(secure, nil, userAgent: "t"), HTTPForward(plain, path: "/", credentials, userAgent: "t"),
        try SOCKS4(secure, user: ""), try SOCKS5(secure, nil), try SOCKS5(plain, credentials),
      ]
    }
    var opened = false
    for dialect in dialects {
      let whole = hear(dialect, bytes, piece: max(bytes.count, 1))
      for piece in [1, 7] {
        let cut = hear(dialect, bytes, piece: piece)
        try require(cut == whole, "\(type(of: dialect)): \(cut) in pieces of \(piece), \(whole) in one")
      }
      if case .through? = whole.replies.last { opened = true }
      if case .proxyAnswered(let status)? = whole.error?.code { try require((0...999).contains(status), "\(status)") }
      let words = whole.error?.description.utf8.count ?? 0
      try require(words < 512, "\(words) bytes about it")
    }
    return opened
  }

  private struct Heard: Equatable {
    var replies: [ProxyReply] = []
    var error: DialError?
    /// Bytes that were the proxy's.
    var taken = 0
  }

  /// What a dialect makes of an answer that comes in pieces of that many bytes; after its last word it hears no more.
  private static func hear(_ dialect: any ProxyDialect, _ bytes: [UInt8], piece: Int) -> Heard {
    var (dialect, buffer, heard) = (dialect, ByteBuffer(), Heard())
    for start in stride(from: 0, to: bytes.count, by: piece) {
      buffer.writeBytes(bytes[start..<min(start + piece, bytes.count)])
      do throws(DialError) {
        while let reply = try dialect.hear(&buffer) {
          heard.replies.append(reply)
          heard.taken = buffer.readerIndex
          if reply == .through { return heard }
        }
      } catch {
        heard.error = error
        return heard
      }
    }
    return heard
  }
}
