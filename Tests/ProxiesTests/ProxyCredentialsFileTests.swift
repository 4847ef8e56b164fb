import Testing

@testable import Proxies

@Suite struct ProxyCredentialsFileTests {
  private static let one = ProxyEndpoint(.http, host: "proxy.example.com", port: 3128)

  @Test func whatIsForAnHTTPSProxyIsNeverSentInClear() throws {
    var file = ProxyCredentialsFile()
    let endpoint = try #require(ProxyEndpoint(address: "https://proxy.example.com:3128"))
    _ = file.set(ProxyCredentials(user: "u", password: "p"), for: endpoint)
    let again = try ProxyCredentialsFile(parsing: file.bytes)
    #expect(again == file)
    #expect(again.credentials(for: endpoint)?.user == "u")
    for kind in [ProxyEndpoint.Kind.http, .socks4, .socks5] {
      #expect(again.credentials(for: ProxyEndpoint(kind, host: "proxy.example.com", port: 3128)) == nil)
    }
    #expect(again.users.first?.proxy == "https://proxy.example.com:3128")
  }

  @Test func credentialsAreForTheirHostAndPortAlone() throws {
    var file = ProxyCredentialsFile()
    _ = file.set(ProxyCredentials(user: "a", password: "p w: ü"), for: Self.one)
    _ = file.set(ProxyCredentials(user: "b", password: ""), for: ProxyEndpoint(.socks5, host: "::1", port: 1))
    let again = try ProxyCredentialsFile(parsing: file.bytes)
    #expect(again == file)
    #expect(again.credentials(for: ProxyEndpoint(.https, host: "PROXY.example.com", port: 3128))?.password == "p w: ü")
    for (host, port) in [("proxy.example.com", 3129), ("roxy.example.com", 3128), ("proxy.example.com.evil", 3128)] {
      #expect(again.credentials(for: ProxyEndpoint(.http, host: host, port: port)) == nil)
    }
    #expect(again.users.map(\.proxy) == ["proxy.example.com:3128", "[::1]:1"])
  }

  @Test func settingAgainReplacesAndNilRemoves() {
    var file = ProxyCredentialsFile()
    _ = file.set(ProxyCredentials(user: "a", password: "1"), for: Self.one)
    var changes = [file.set(ProxyCredentials(user: "a", password: "1"), for: Self.one)]
    changes.append(file.set(ProxyCredentials(user: "a", password: "2"), for: Self.one))
    #expect(file.users.count == 1 && file.credentials(for: Self.one)?.password == "2")
    changes.append(file.set(nil, for: Self.one))
    #expect(file.isEmpty)
    changes.append(file.set(nil, for: Self.one))
    #expect(changes == [false, true, true, false])
  }

  @Test(
    arguments: [
      "p:1\tsecret", "p\tu\tsecret", "p:1\t\tsecret", "p:1\tu:v\tsecret", "p:1\tu\tsecret\tx", "p:1\tu\tse\u{7}cret",
      "p:1 u secret", "p:1\tu\tsecret\np:1\tv\tsecret", "p:1\tu\tsecret\r", "http://p:1\tu\tsecret",
    ])
  func whatIsWrongIsNotShown(_ text: String) {
    let error = #expect(throws: ProxyCredentialsFile.Malformed.self) {
      try ProxyCredentialsFile(parsing: Array(("ok:1\tu\tp\n" + text).utf8))
    }
    #expect(
      error.map { $0.line == text.split(separator: "\n").count + 1 && !$0.description.contains("secret") } == true)
  }
}
