import Testing

@testable import Proxies

/// Whole scripts, as they are found in the field.
@Suite struct PACScriptTests {
  /// The kinds of script that Mozilla's page gives as examples.
  private static let local = """
    function FindProxyForURL(url, host) {
      if ((isPlainHostName(host) || dnsDomainIs(host, ".mozilla.org")) &&
          !localHostOrDomainIs(host, "www.mozilla.org") && !localHostOrDomainIs(host, "merchant.mozilla.org"))
        return "DIRECT";
      return "PROXY w3proxy.mozilla.org:8080; DIRECT";
    }
    """
  private static let subnet = """
    function FindProxyForURL(url, host) {
      return isInNet(host, "10.0.0.0", "255.0.0.0") ? "DIRECT" : "PROXY proxy.mydomain.com:8080";
    }
    """
  private static let unresolvable = """
    function FindProxyForURL(url, host) {
      if (isPlainHostName(host) || isResolvable(host)) return "DIRECT"; else return "PROXY proxy.mydomain.com:8080";
    }
    """
  private static let shared = """
    function FindProxyForURL(url, host) {
      if (isPlainHostName(host)) return "DIRECT";
      else if (shExpMatch(host, "*.com")) return "PROXY proxy1.mydomain.com:8080; PROXY proxy4.mydomain.com:8080";
      else if (shExpMatch(host, "*.edu")) return "PROXY proxy2.mydomain.com:8080; PROXY proxy4.mydomain.com:8080";
      else return "PROXY proxy3.mydomain.com:8080; PROXY proxy4.mydomain.com:8080";
    }
    """
  private static let protocols = """
    function FindProxyForURL(url, host) {
      if (url.substring(0, 5) === "http:") return "PROXY http-proxy.mydomain.com:8080";
      if (url.startsWith("https:")) return "PROXY security-proxy.mydomain.com:8080";
      return "DIRECT";
    }
    """

  @Test(arguments: [
    (local, "http://www/", "PROXY w3proxy.mozilla.org:8080; DIRECT"), (local, "http://intranet/", "DIRECT"),
    (local, "https://bugs.mozilla.org/", "DIRECT"),
    (local, "https://www.mozilla.org/", "PROXY w3proxy.mozilla.org:8080; DIRECT"),
    (local, "https://example.com/", "PROXY w3proxy.mozilla.org:8080; DIRECT"),
    (subnet, "https://inside.example.com/", "DIRECT"), (subnet, "https://10.200.1.1:8443/x", "DIRECT"),
    (subnet, "https://www.example.com/", "PROXY proxy.mydomain.com:8080"),
    (unresolvable, "https://www.example.com/", "DIRECT"),
    (unresolvable, "https://outside.example.com/", "PROXY proxy.mydomain.com:8080"),
    (shared, "https://a.com/", "PROXY proxy1.mydomain.com:8080; PROXY proxy4.mydomain.com:8080"),
    (shared, "https://a.edu/", "PROXY proxy2.mydomain.com:8080; PROXY proxy4.mydomain.com:8080"),
    (shared, "https://a.net/", "PROXY proxy3.mydomain.com:8080; PROXY proxy4.mydomain.com:8080"),
    (protocols, "http://a.com/", "PROXY http-proxy.mydomain.com:8080"),
    (protocols, "https://a.com/", "PROXY security-proxy.mydomain.com:8080"),
  ])
  func mozillasExamples(_ script: String, _ url: String, _ expected: String) async throws {
    #expect(try await PACTest.routes(script, url) == expected)
  }

  /// What Chromium's tests of its resolver publish about scripts and their surroundings.
  @Test(arguments: [
    // What is handed in: no user, no fragment; of https neither path nor query.
    (
      "function FindProxyForURL(url, host) { return 'PROXY ' + url.replace(/[^a-z]/g, '-') + '.' + host; }",
      "http://user:secret@query.com:123/path?x#part", "PROXY http---query-com-----path-x.query.com:80"
    ),
    (
      "function FindProxyForURL(url, host) { return 'PROXY ' + url.replace(/[^a-z]/g, '-') + '.' + host; }",
      "https://user:secret@query.com:123/path?x#part", "PROXY https---query-com-----.query.com:80"
    ),
    ("function FindProxyForURL(url, host) { return ''; }", "http://a/", "DIRECT"),
    ("function FindProxyForURL(url, host) { return ' ;; '; }", "http://a/", "DIRECT"),
    ("function FindProxyForURL() { return 'DIRECT' } // no line feed at the end", "http://a/", "DIRECT"),
    ("FindProxyForURL = function () { return 'DIRECT' }", "http://a/", "DIRECT"),
    ("var x = myIpAddress(); function FindProxyForURL() { return 'PROXY ' + x }", "http://a/", "PROXY 10.9.8.7:80"),
    (
      "var x = dnsResolve('inside.example.com'); function FindProxyForURL() { return 'PROXY ' + x + ':99' }",
      "http://a/",
      "PROXY 10.1.2.3:99"
    ),
    ("\u{FEFF}function FindProxyForURL() { return 'DIRECT' }", "http://a/", "DIRECT"),
    // The function that knows IPv6 comes first.
    (
      "function FindProxyForURL() { return 'PROXY old' } function FindProxyForURLEx() { return 'PROXY new' }",
      "http://a/",
      "PROXY new:80"
    ),
  ])
  func chromiumsBehaviour(_ script: String, _ url: String, _ expected: String) async throws {
    #expect(try await PACTest.routes(script, url) == expected)
  }

  @Test func theScriptKeepsItsStateBetweenQuestions() async throws {
    let evaluator = PACTest.evaluator("var n = 0; function FindProxyForURL() { return 'PROXY sideeffect_' + n++ }")
    let first = try await evaluator.routes(for: "https://a/", host: "a")
    let second = try await evaluator.routes(for: "https://b/", host: "b")
    #expect([first, second].map(\.description) == ["[PROXY sideeffect_0:80]", "[PROXY sideeffect_1:80]"])
  }

  @Test func answersAreRememberedByHost() async throws {
    let evaluator = PACTest.evaluator("var n = 0; function FindProxyForURL() { return 'PROXY p' + n++ }")
    func ask(_ url: String) async throws -> String {
      try await evaluator.routes(for: url, host: "a").map(\.description).joined()
    }
    #expect(try await ask("https://a/x") == "PROXY p0:80")
    #expect(try await ask("https://a/y") == "PROXY p0:80")
    #expect(try await ask("https://A/") == "PROXY p0:80")
    #expect(try await ask("https://a:8443/") == "PROXY p1:80")
    #expect(try await ask("http://a/") == "PROXY p2:80")
  }

  @Test func manyQuestionsAtOnceAreAllAnswered() async throws {
    let evaluator = PACTest.evaluator("function FindProxyForURL(url, host) { return 'PROXY ' + host }")
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<50 {
        group.addTask {
          let host = "host\(number)"
          let routes = try await evaluator.routes(for: "https://\(host)/", host: host)
          #expect(routes == [.through(ProxyEndpoint(.http, host: host, port: 80))])
        }
      }
      try await group.waitForAll()
    }
  }

  @Test func aScriptInLatin1IsRead() async throws {
    let text = Array("// Stra".utf8) + [0xDF] + Array("e\nfunction FindProxyForURL() { return 'DIRECT' }".utf8)
    let evaluator = PACEvaluator(script: text, source: "file:///x.pac", launch: .process(PACTest.slipway))
    #expect(try await evaluator.routes(for: "https://a/", host: "a") == [.direct])
  }

  @Test func emptyAnswersAndAlertsAreLogged() async throws {
    let lines = PACTest.Lines()
    let script = "function FindProxyForURL(u, h) { alert('for ' + h); return '' }"
    let evaluator = PACTest.evaluator(script, log: { lines.add($0) })
    #expect(try await evaluator.routes(for: "https://a/", host: "a") == [.direct])
    #expect(
      lines.all == [
        "\(PACTest.source) says: for a", "\(PACTest.source): an empty answer for a: it is reached directly",
      ])
  }
}
