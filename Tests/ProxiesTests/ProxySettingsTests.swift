import Testing

@testable import Proxies

@Suite struct ProxySettingsTests {
  @Test(
    arguments: [
      ("proxy.example.com:3128", "PROXY proxy.example.com:3128", nil),
      ("Proxy.Example.COM.:3128", "PROXY proxy.example.com:3128", nil),
      ("http://proxy:80", "PROXY proxy:80", nil), ("HTTPS://proxy:443", "HTTPS proxy:443", nil),
      ("socks4://10.0.0.1:1080", "SOCKS4 10.0.0.1:1080", nil),
      ("socks5://[2001:DB8::1]:1080", "SOCKS5 [2001:db8::1]:1080", nil),
      ("http=a_b:1", "PROXY a_b:1", .http), ("https=https://proxy:65535", "HTTPS proxy:65535", .https),
    ] as [(String, String, WebOrigin.Scheme?)])
  func readsAProxy(_ text: String, _ route: String, _ scheme: WebOrigin.Scheme?) throws {
    let proxy = try ManualProxy(parsing: text)
    #expect(proxy.endpoint.description == route && proxy.scheme == scheme)
    #expect(try ManualProxy(parsing: proxy.description) == proxy)
  }

  @Test(
    arguments: [
      "", "proxy", "proxy:", "proxy:0", "proxy:65536", "proxy:+1", "proxy:80/", "user@proxy:80", "u:p@proxy:80",
      "ftp://proxy:80", "socks://proxy:80", "ftp=proxy:80", "http=", " proxy:80", "pro xy:80", "2001:db8::1:80",
      "[2001:db8::1]", "[10.0.0.1]:80", "10.0.0.300:80", "10.0.0:80", "-a:80", "a-:80", "a..b:80", "pröxy:80",
      "proxy:８０", "proxy:80\n", "a\u{0}:80", "https=http=a:80",
    ])
  func aSlipIsNoProxy(_ text: String) {
    let error = #expect(throws: ProxySettingsError.self) { try ManualProxy(parsing: text) }
    #expect(error?.value == text.withoutUserinfo())
  }

  @Test func aListNamesWhatIsWrongInIt() throws {
    #expect(try ManualProxy.list("a:1,https=socks5://b:2").map(\.description) == ["a:1", "https=socks5://b:2"])
    for (text, wrong) in [("a:1,,b:2", ""), ("a:1,b", "b"), ("a:1,", ""), ("", ""), ("a:1,http://A:1", "a:1")] {
      let error = #expect(throws: ProxySettingsError.self, "\(text)") { try ManualProxy.list(text) }
      #expect(error?.value == wrong)
    }
    let many = (1...33).map { "a:\($0)" }.joined(separator: ",")
    #expect(throws: ProxySettingsError.self) { try ManualProxy.list(many) }
  }

  @Test(
    arguments: [
      ("http://wpad.example.com/proxy.pac", true), ("https://[::1]:8443/p?x=1", true), ("file:///etc/proxy.pac", true),
      ("", false), ("proxy.pac", false), ("/etc/proxy.pac", false), ("file://host/p", false), ("file:///", false),
      ("file:///a%20b", false), ("http://u:p@host/p", false), ("http://host/p#f", false), ("http://host/a b", false),
      ("ftp://host/p", false), ("data:text/plain,x", false), ("http://", false), ("http://host:0/", false),
    ])
  func whereAScriptMayBe(_ text: String, _ isTaken: Bool) throws {
    let source = try? ScriptSource(parsing: text)
    #expect((source != nil) == isTaken)
    if let source { #expect(source.description == text) }
  }
}
