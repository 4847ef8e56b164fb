import NIOCore

/// What matters in the head of a proxy's answer.
struct ProxyHead: Equatable {
  /// Who has answered, as far as the head tells.
  enum Speaker: Equatable {
    case proxy, server, unknown
  }

  /// Bytes that a head may have.
  static let longest = 16 << 10

  let status: Int
  /// The names of the ways to authenticate that are offered (RFC 9110, 11.7.1).
  let schemes: [String]
  let speaker: Speaker

  /// Finds the head of the final answer: those of interim ones (1xx; RFC 9110, 15.2) are passed over.
  struct Reader {
    /// Interim answers that are listened to.
    private static let patience = 8

    private var scanned = 0
    private var interim = 0

    /// Takes it away from the buffer, with all before it; nil: it has not come whole.
    mutating func head(_ buffer: inout ByteBuffer) throws(DialError) -> ProxyHead? {
      while let head = try ProxyHead(&buffer, scanned: &scanned) {
        // 101 is final: what follows it is another protocol.
        guard (100..<200).contains(head.status), head.status != 101 else { return head }
        (scanned, interim) = (0, interim + 1)
        guard interim <= Self.patience else { throw ProxyHead.foreign }
      }
      return nil
    }
  }

  /// `scanned`: bytes that were looked at before.
  private init?(_ buffer: inout ByteBuffer, scanned: inout Int) throws(DialError) {
    let view = buffer.readableBytesView
    guard view.prefix(Self.version.count).elementsEqual(Self.version.prefix(view.count)) else { throw Self.foreign }
    guard let end = Self.end(of: view, from: &scanned) else {
      guard view.count <= Self.longest else { throw Self.foreign }
      return nil
    }
    guard end <= Self.longest, let status = Self.status(view.prefix(end)) else { throw Self.foreign }
    self.status = status
    let fields = view.prefix(end).split(separator: 0x0A).compactMap { Self.field($0) }
    schemes = ProxyChallenge.schemes(fields.filter { $0.name == "proxy-authenticate" }.map(\.value))
    speaker = Self.speaker(fields)
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

  private static func field(_ line: ByteBufferView) -> (name: String, value: String)? {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return nil }
    return (
      String(decoding: line[..<colon], as: UTF8.self).lowercased(),
      String(decoding: line[(colon + 1)...], as: UTF8.self)
    )
  }

  /// squid marks its own pages, and RFC 9209 (2.1.1) has an error named that is a proxy's own. What is only forwarded
  /// bears the proxy's name in Via (RFC 9110, 7.6.3), which squid's own pages do too. Nothing of it: nobody can tell.
  private static func speaker(_ fields: [(name: String, value: String)]) -> Speaker {
    let isMarked = fields.contains { name, value in
      name == "x-squid-error" || name == "proxy-status" && value.lowercased().utf8.firstRange(of: "error=".utf8) != nil
    }
    return isMarked ? .proxy : fields.contains { $0.name == "via" } ? .server : .unknown
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
  init(status: Int, wanting schemes: [String] = []) {
    // A few are enough for people; whether Basic is among them is asked of all.
    let names = schemes.prefix(4).joined(separator: ", ")
    switch status {
    case 403: self.init(.forbiddenByProxy, at: .proxy, "status 403")
    case 407 where !schemes.isEmpty && !schemes.contains { $0.lowercased() == "basic" }:
      self.init(.proxyScheme, at: .proxy, names)
    case 407: self.init(.proxyCredentials, at: .proxy, "status 407" + (names.isEmpty ? "" : ", \(names)"))
    default: self.init(.proxyAnswered(status), at: .proxy)
    }
  }
}
