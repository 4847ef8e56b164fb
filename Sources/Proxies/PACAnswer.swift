/// The answer of `FindProxyForURL`: routes separated by semicolons, in the order in which they are to be tried.
///
/// Words and default ports are those of Mozilla's "Proxy Auto-Configuration (PAC) file": `DIRECT`, `PROXY` and `HTTP` (80),
/// `HTTPS` (443), `SOCKS` and `SOCKS4` and `SOCKS5` (1080); upper and lower case alike.
public enum PACAnswer {
  /// What is wrong with an answer, for a person.
  public struct Malformed: Error, Equatable, Sendable {
    public let reason: String
  }

  /// The most bytes and routes of an answer.
  static let limit = 8192
  static let mostRoutes = 32

  /// The routes in order; none for an answer in which there is nothing.
  public static func parse(_ text: String) throws(Malformed) -> [ProxyRoute] {
    guard text.utf8.count <= limit else { throw Malformed(reason: "an answer of over \(limit) bytes") }
    var routes: [ProxyRoute] = []
    for piece in text.utf8.split(separator: UInt8(ascii: ";")) {
      let words = piece.split { isSpace($0) }.map { String(Substring($0)) }
      guard let word = words.first else { continue }
      guard routes.count < mostRoutes else { throw Malformed(reason: "more than \(mostRoutes) routes") }
      routes.append(try route(word, words.dropFirst()))
    }
    return routes
  }

  private static func route(_ word: String, _ rest: ArraySlice<String>) throws(Malformed) -> ProxyRoute {
    let text = ([word] + rest).joined(separator: " ")
    let kind: ProxyEndpoint.Kind
    let port: Int
    switch word.uppercased() {
    case "DIRECT":
      guard rest.isEmpty else { throw Malformed(reason: "'\(text)': nothing belongs behind DIRECT") }
      return .direct
    case "PROXY", "HTTP": (kind, port) = (.http, 80)
    case "HTTPS": (kind, port) = (.https, 443)
    case "SOCKS", "SOCKS4": (kind, port) = (.socks4, 1080)
    case "SOCKS5": (kind, port) = (.socks5, 1080)
    default: throw Malformed(reason: "'\(text)': no route begins with '\(word)'")
    }
    guard rest.count == 1, let place = rest.first, let endpoint = endpoint(kind, place, defaultPort: port) else {
      throw Malformed(reason: "'\(text)': \(word) is followed by HOST:PORT")
    }
    return .through(endpoint)
  }

  /// `HOST`, `HOST:PORT`, `[IPV6]` or `[IPV6]:PORT`.
  private static func endpoint(_ kind: ProxyEndpoint.Kind, _ text: String, defaultPort: Int) -> ProxyEndpoint? {
    let bytes = Array(text.utf8)
    let host: ArraySlice<UInt8>
    var rest: ArraySlice<UInt8>
    if bytes.first == UInt8(ascii: "[") {
      guard let end = bytes.firstIndex(of: UInt8(ascii: "]")) else { return nil }
      host = bytes[1..<end]
      rest = bytes[(end + 1)...]
      guard IPAddress(parsing: String(decoding: host, as: UTF8.self))?.isVersion6 == true else { return nil }
    } else {
      host = bytes.prefix { $0 != UInt8(ascii: ":") }
      rest = bytes[host.endIndex...]
      guard !host.isEmpty, host.count <= 253, host.allSatisfy(isHostByte) else { return nil }
    }
    var port = defaultPort
    if let colon = rest.popFirst() {
      guard colon == UInt8(ascii: ":"), (1...5).contains(rest.count), rest.allSatisfy({ (0x30...0x39).contains($0) }),
        let given = Int(String(decoding: rest, as: UTF8.self)), (1...65535).contains(given)
      else { return nil }
      port = given
    }
    return ProxyEndpoint(kind, host: String(decoding: host, as: UTF8.self), port: port)
  }

  /// Of a name or an IPv4 address.
  private static func isHostByte(_ b: UInt8) -> Bool {
    (0x30...0x39).contains(b) || (0x41...0x5A).contains(b) || (0x61...0x7A).contains(b)
      || b == UInt8(ascii: "-") || b == UInt8(ascii: ".") || b == UInt8(ascii: "_")
  }

  private static func isSpace(_ b: UInt8) -> Bool { b == 0x20 || (0x09...0x0D).contains(b) }
}
