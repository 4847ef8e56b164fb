import Testing

@testable import Proxies

@Suite struct ProxyDecisionTests {
  private static let settings = """
    a:1,https=https://b:2,http=socks5://c:3,d:4
    """

  @Test(
    arguments: [
      ("http://x.example.net/", "PROXY a:1; SOCKS5 c:3; PROXY d:4", "servers a:1,http=socks5://c:3,d:4"),
      ("https://x.example.net/", "PROXY a:1; HTTPS b:2; PROXY d:4", "servers a:1,https=https://b:2,d:4"),
      ("https://x.example.com/", "DIRECT", "bypass .example.com"), ("https://intranet/", "DIRECT", "bypass <local>"),
    ])
  func manual(_ url: String, _ routes: String, _ rule: String) throws {
    let settings = ProxySettings(
      .manual, servers: try ManualProxy.list(Self.settings), bypass: try BypassRule.list("<local>,.example.com"))
    let origin = try #require(WebOrigin(url))
    let decision = try #require(settings.decision(for: origin))
    #expect(decision.mode == .manual && decision.rule == rule)
    #expect(decision.routes.map(\.description).joined(separator: "; ") == routes)
  }

  @Test func aSchemeWithoutAServerIsReachedDirectly() throws {
    let settings = ProxySettings(.manual, servers: try ManualProxy.list("https=a:1"))
    let decision = settings.decision(for: try #require(WebOrigin("http://b/")))
    #expect(decision == ProxyDecision(.manual, rule: "no server is set for http", routes: [.direct]))
  }

  /// The parameters of other modes decide nothing.
  @Test func noneIsNone() throws {
    let settings = ProxySettings(.none, servers: try ManualProxy.list("a:1"), script: .web("http://a/"))
    let origin = try #require(WebOrigin("http://b/"))
    #expect(settings.decision(for: origin)?.routes == [.direct])
  }

  @Test(
    arguments: [
      (["https_proxy": "http://p:8"], "https://a/", "PROXY p:8", "https_proxy"),
      (["HTTPS_PROXY": "p:8"], "https://a/", "PROXY p:8", "HTTPS_PROXY"),
      (["HTTPS_PROXY": "http://p:8", "https_proxy": "http://q:9/"], "https://a/", "PROXY q:9", "https_proxy"),
      (["HTTPS_PROXY": "http://p:8", "https_proxy": ""], "https://a/", "PROXY p:8", "HTTPS_PROXY"),
      (["HTTP_PROXY": "http://p:8"], "http://a/", "DIRECT", "no variable is set for http"),
      (["http_proxy": "http://p:8"], "http://a/", "PROXY p:8", "http_proxy"),
      (["http_proxy": "http://p:8"], "https://a/", "DIRECT", "no variable is set for https"),
      (["ALL_PROXY": "socks5h://p"], "https://a/", "SOCKS5 p:1080", "ALL_PROXY"),
      (["ALL_PROXY": "socks5://p", "https_proxy": "https://q"], "https://a/", "HTTPS q:443", "https_proxy"),
      (["ALL_PROXY": "socks://[::1]:9"], "http://a/", "SOCKS4 [::1]:9", "ALL_PROXY"),
      (["https_proxy": "p"], "https://a/", "PROXY p:1080", "https_proxy"),
      (["https_proxy": "p:8", "NO_PROXY": "example.com"], "https://example.com/", "DIRECT", "NO_PROXY .example.com"),
      (["https_proxy": "p:8", "NO_PROXY": "example.com"], "https://a.example.com/", "DIRECT", "NO_PROXY .example.com"),
      (["https_proxy": "p:8", "NO_PROXY": "example.com"], "https://aexample.com/", "PROXY p:8", "https_proxy"),
      (["https_proxy": "p:8", "no_proxy": "b, 10.0.0.0/8 ,*"], "https://a/", "DIRECT", "NO_PROXY *"),
      (["https_proxy": "p:8", "no_proxy": "b", "NO_PROXY": "a"], "https://a/", "PROXY p:8", "https_proxy"),
      (["https_proxy": "p:8", "no_proxy": "10.0.0.0/8"], "https://10.1.1.1/", "DIRECT", "NO_PROXY 10.0.0.0/8"),
      (["https_proxy": "p:8", "no_proxy": "127.0.0.1/8"], "https://127.9.9.9/", "DIRECT", "NO_PROXY 127.0.0.0/8"),
      (["https_proxy": "p:8", "no_proxy": "fd00::7/8"], "https://[fd01::1]/", "DIRECT", "NO_PROXY fd00::/8"),
      (["https_proxy": "p:8", "no_proxy": "a.example."], "https://b.a.example/", "DIRECT", "NO_PROXY .a.example"),
      ([:], "https://a/", "DIRECT", "no variable is set for https"),
    ] as [([String: String], String, String, String)])
  func environment(_ variables: [String: String], _ url: String, _ route: String, _ rule: String) throws {
    let decision = try EnvironmentProxies(variables).decision(for: try #require(WebOrigin(url)))
    #expect(decision.mode == .environment && decision.rule == rule)
    #expect(decision.routes.map(\.description) == [route])
  }

  @Test func credentialsOfAVariableAreForItsProxyAlone() throws {
    let proxies = try EnvironmentProxies(["https_proxy": "http://us%40er:p%3Ass:w@p:8", "http_proxy": "q:9"])
    let decision = proxies.decision(for: try #require(WebOrigin("https://a/")))
    #expect(decision.routes.description.contains("p:8") && !decision.routes.description.contains("er"))
    #expect(
      proxies.credentials(for: ProxyEndpoint(.http, host: "p", port: 8))
        == ProxyCredentials(user: "us@er", password: "p:ss:w"))
    #expect(proxies.credentials(for: ProxyEndpoint(.http, host: "p", port: 9)) == nil)
    #expect(proxies.credentials(for: ProxyEndpoint(.http, host: "q", port: 9)) == nil)
  }

  /// The value may hold a password, so the error names the variable alone.
  @Test(arguments: ["ftp://u:secret@p:8", "u:secret@", "http://u:se%zzcret@p:8", "http://u:%0asecret@p:8", "p:secret"])
  func aBadVariableIsNotShown(_ value: String) {
    let error = #expect(throws: ProxySettingsError.self) { try EnvironmentProxies(["HTTPS_PROXY": value]) }
    #expect(error.map { !$0.description.contains("secret") && $0.value == "HTTPS_PROXY" } == true)
  }

  @Test func onlyVariablesThatNameAProxyCount() {
    let some = ["PATH": "/bin", "HTTP_PROXY": "a:1", "https_proxy": "", "no_proxy": "b"]
    #expect(EnvironmentProxies.variables(of: some) == [:])
    #expect(
      EnvironmentProxies.variables(of: some.merging(["ALL_PROXY": "p:1"]) { $1 })
        == ["ALL_PROXY": "p:1", "no_proxy": "b"])
  }

  @Test(arguments: [
    ("http://a", "/"), ("http://a/", "/"), ("http://a:8/b/c?d=e#f", "/b/c?d=e"), ("http://a?b", "/?b"),
    ("http://a#b", "/"), ("nothing", "/"),
  ])
  func whatAServerIsAskedFor(url: String, path: String) { #expect(WebOrigin.path(of: url) == path) }

  @Test func aBadExceptionIsNamed() {
    let error = #expect(throws: ProxySettingsError.self) { try EnvironmentProxies(["no_proxy": "a b/c"]) }
    #expect(error?.value == "no_proxy: b/c")
  }
}
