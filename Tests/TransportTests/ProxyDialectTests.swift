import NIOCore
import Proxies
import Testing

@testable import Transport

/// What is said to proxies, and how their answers are read, byte by byte.
@Suite struct ProxyDialectTests {
  let origin = Origin(host: "a.example", port: 443, isSecure: true)

  /// Whether an answer comes whole or in single bytes must not matter.
  func hear(_ dialect: some ProxyDialect, _ answer: [UInt8], bytewise: Bool) -> Result<[ProxyReply], DialError> {
    var (dialect, buffer, replies) = (dialect, ByteBuffer(), [ProxyReply]())
    do throws(DialError) {
      for piece in bytewise ? answer.map({ [$0] }) : [answer] {
        buffer.writeBytes(piece)
        while let reply = try dialect.hear(&buffer) { replies.append(reply) }
      }
      return .success(replies)
    } catch { return .failure(error) }
  }

  @Test(arguments: [
    ("HTTP/1.1 200 Connection established\r\n\r\n", nil),
    ("HTTP/1.0 200\r\nX: y\r\n\r\n", nil),
    ("HTTP/1.1 403 Forbidden\r\n\r\n", DialError(.forbiddenByProxy, at: .proxy)),
    ("HTTP/1.1 407 No\r\n\r\n", DialError(.proxyCredentials, at: .proxy)),
    ("HTTP/1.1 407 No\r\nProxy-Authenticate: Negotiate\r\n\r\n", DialError(.proxyScheme, at: .proxy)),
    (
      "HTTP/1.1 407 No\r\nProxy-Authenticate: NTLM\r\nproxy-authenticate: BASIC realm=x\r\n\r\n",
      DialError(.proxyCredentials, at: .proxy)
    ),
    ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", nil),
    ("HTTP/1.1 103 x\r\nLink: y\r\n\r\nHTTP/1.1 403 No\r\n\r\n", DialError(.forbiddenByProxy, at: .proxy)),
    (String(repeating: "HTTP/1.1 102 x\r\n\r\n", count: 8) + "HTTP/1.1 200 OK\r\n\r\n", nil),
    (String(repeating: "HTTP/1.1 102 x\r\n\r\n", count: 9), DialError(.proxyProtocol, at: .proxy)),
    ("HTTP/1.1 101 Other\r\n\r\n", DialError(.proxyAnswered(101), at: .proxy)),
    ("HTTP/1.1 100 Continue\r\n\r\nSSH-2.0", DialError(.proxyProtocol, at: .proxy)),
    ("HTTP/1.1 503 Gone\r\n\r\n", DialError(.proxyAnswered(503), at: .proxy)),
    ("HTTP/1.1 302 Elsewhere\r\n\r\n", DialError(.proxyAnswered(302), at: .proxy)),
    ("HTTP/1.1 2000 x\r\n\r\n", DialError(.proxyProtocol, at: .proxy)),
    ("SSH-2.0-OpenSSH_9.2\r\n", DialError(.proxyProtocol, at: .proxy)),
    ("HTTP/1.1 200 " + String(repeating: "x", count: 17000), DialError(.proxyProtocol, at: .proxy)),
  ])
  func connect(answer: String, error: DialError?) {
    for bytewise in [false, true] {
      let outcome = hear(HTTPConnect(origin, nil, userAgent: "t"), Array(answer.utf8), bytewise: bytewise)
      #expect(outcome == error.map { .failure($0) } ?? .success([.through]))
    }
  }

  /// By plain http a status may be the proxy's or the server's.
  @Test(arguments: [
    ("200 OK", "", nil), ("404 Not Found", "", nil), ("301 Elsewhere", "", nil), ("500 Broken", "", nil),
    ("403 No", "X-Squid-Error: ERR_ACCESS_DENIED 0\r\nVia: 1.1 p (squid)", DialError(.forbiddenByProxy, at: .proxy)),
    ("403 No", "proxy-status: p; error=http_request_denied", DialError(.forbiddenByProxy, at: .proxy)),
    ("403 No", "Proxy-Status: p; received-status=403\r\nVIA: 1.1 p", nil),
    ("403 No", "Via: 1.1 p (squid)", nil), ("503 Gone", "Via: 1.1 p", nil),
    ("403 No", "Server: nginx", DialError(.proxyOrServerAnswered(403), at: .proxy)),
    ("502 Bad", "", DialError(.proxyOrServerAnswered(502), at: .proxy)),
    ("503 Gone", "X-Squid-Error: ERR_CONNECT_FAIL 111", DialError(.proxyAnswered(503), at: .proxy)),
    ("407 No", "Via: 1.1 p\r\nProxy-Authenticate: Basic", DialError(.proxyCredentials, at: .proxy)),
  ])
  func forwarded(status: String, fields: String, error: DialError?) {
    let answer = "HTTP/1.1 \(status)\r\n\(fields.isEmpty ? "" : fields + "\r\n")\r\n"
    for bytewise in [false, true] {
      let dialect = HTTPForward(origin, path: "/", nil, userAgent: "t")
      #expect(
        hear(dialect, Array(answer.utf8), bytewise: bytewise) == error.map { .failure($0) } ?? .success([.through]))
    }
  }

  @Test(arguments: [("/", "/"), ("/a/b.json?c=d", "/a/b.json?c=d"), ("/a b", "/"), ("/a\r\nX: y", "/"), ("/ä", "/")])
  func theProxyIsAskedForWhatADownloadWouldBe(path: String, asked: String) {
    let dialect = HTTPForward(Origin(host: "::1", port: 80, isSecure: false), path: path, nil, userAgent: "t")
    #expect(
      String(decoding: dialect.greeting, as: UTF8.self)
        == "HEAD http://[::1]:80\(asked) HTTP/1.1\r\nHost: [::1]:80\r\nUser-Agent: t\r\nConnection: close\r\n\r\n")
  }

  @Test(arguments: [
    ("Basic realm=\"a, Negotiate\"", ["Basic"]), ("NTLM, Basic realm=x, charset=UTF-8", ["NTLM", "Basic"]),
    ("Digest realm=\"a \\\", b\", nonce = x , SCRAM-SHA-256 a=b", ["Digest", "SCRAM-SHA-256"]),
    ("Negotiate YII==\r", ["Negotiate"]), ("", []), (",, ,", []), ("realm=x", []), ("\"", []),
  ])
  func challenges(value: String, schemes: [String]) {
    #expect(ProxyChallenge.schemes([value]) == schemes)
  }

  /// People get a few names, each cut; Basic is found behind any number of others.
  @Test func whatIsOfferedIsToldInFewWords() {
    let long = String(repeating: "A", count: 4000)
    var error = DialError(status: 407, wanting: ProxyChallenge.schemes([String](repeating: long, count: 3)))
    #expect(error == DialError(.proxyScheme, at: .proxy) && error.description.utf8.count < 200)
    error = DialError(status: 407, wanting: ProxyChallenge.schemes([long, "B", "C", "D", "E", "Basic"]))
    #expect(error == DialError(.proxyCredentials, at: .proxy) && error.description.utf8.count < 200)
    #expect(DialError(status: 407, wanting: ["NTLM", "Negotiate"]).description.hasSuffix("(407): NTLM, Negotiate"))
  }

  @Test func connectSaysCredentialsAtOnce() {
    let dialect = HTTPConnect(origin, ProxyCredentials(user: "Aladdin", password: "open sesame"), userAgent: "t")
    #expect(
      String(decoding: dialect.greeting, as: UTF8.self) == """
        CONNECT a.example:443 HTTP/1.1\r
        Host: a.example:443\r
        User-Agent: t\r
        Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r
        \r

        """)
  }

  @Test func socks4SaysANameWhereThereIsNoAddress() throws {
    let name = Array("a.example".utf8) + [0]
    #expect(try SOCKS4(origin, user: "u").greeting == [4, 1, 1, 187, 0, 0, 0, 1, 0x75, 0] + name)
    let address = Origin(host: "192.0.2.7", port: 80, isSecure: false)
    #expect(try SOCKS4(address, user: "").greeting == [4, 1, 0, 80, 192, 0, 2, 7, 0])
  }

  @Test(arguments: [
    ([0, 90, 0, 0, 0, 0, 0, 0], nil),
    ([0, 91, 0, 0, 0, 0, 0, 0], DialError(.proxyAnswered(91), at: .proxy)),
    ([0, 93, 0, 0, 0, 0, 0, 0], DialError(.proxyCredentials, at: .proxy)),
    ([5, 0], DialError(.proxyProtocol, at: .proxy)),
  ])
  func socks4(answer: [UInt8], error: DialError?) throws {
    for bytewise in [false, true] {
      let outcome = hear(try SOCKS4(origin, user: ""), answer, bytewise: bytewise)
      #expect(outcome == error.map { .failure($0) } ?? .success([.through]))
    }
  }

  static let request: [UInt8] = [5, 1, 0, 3, 9] + Array("a.example".utf8) + [1, 187]

  @Test(arguments: [
    ([5, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0], nil),
    ([5, 0, 5, 0, 0, 4] + [UInt8](repeating: 0, count: 18), nil),
    ([5, 0, 5, 0, 0, 3, 2, 0x61, 0x62, 0, 0], nil),
    ([5, 0, 5, 2, 0, 1, 0, 0, 0, 0, 0, 0], DialError(.forbiddenByProxy, at: .proxy)),
    ([5, 0, 5, 4, 0, 1, 0, 0, 0, 0, 0, 0], DialError(.proxyAnswered(4), at: .proxy)),
    ([5, 0, 5, 0, 0, 9, 0, 0, 0, 0, 0, 0], DialError(.proxyProtocol, at: .proxy)),
    ([5, 255], DialError(.proxyCredentials, at: .proxy)),
    ([5, 2], DialError(.proxyCredentials, at: .proxy)),
    ([4, 90], DialError(.proxyProtocol, at: .proxy)),
    (Array("HTTP/1.1 400".utf8), DialError(.proxyProtocol, at: .proxy)),
  ])
  func socks5(answer: [UInt8], error: DialError?) throws {
    for bytewise in [false, true] {
      let outcome = hear(try SOCKS5(origin, nil), answer, bytewise: bytewise)
      #expect(outcome == error.map { .failure($0) } ?? .success([.say(Self.request), .through]))
    }
  }

  @Test func socks5LogsIn() throws {
    let dialect = try SOCKS5(origin, ProxyCredentials(user: "me", password: "abc"))
    #expect(dialect.greeting == [5, 2, 0, 2])
    let login: [UInt8] = [1, 2, 0x6D, 0x65, 3, 0x61, 0x62, 0x63]
    let reply: [UInt8] = [5, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    for bytewise in [false, true] {
      #expect(
        hear(dialect, [5, 2, 1, 0] + reply, bytewise: bytewise)
          == .success([.say(login), .say(Self.request), .through]))
      #expect(
        hear(dialect, [5, 2, 1, 1], bytewise: bytewise) == .failure(DialError(.proxyCredentials, at: .proxy)))
    }
    let long = ProxyCredentials(user: String(repeating: "u", count: 256), password: "p")
    #expect(throws: DialError(.proxyCredentials, at: .proxy)) { try SOCKS5(origin, long) }
  }
}
