import Testing

@testable import Proxies

@Suite struct BypassRuleTests {
  @Test(
    arguments: [
      ("<local>", "http://intranet/", true), ("<local>", "http://intranet./", true), ("<local>", "http://a.b/", false),
      ("<local>", "http://10.0.0.1/", false), ("<local>", "http://[::1]/", false),
      ("intranet", "https://INTRANET/", true), ("intranet", "https://intranet.example.com/", false),
      ("www.Example.com", "https://www.example.com/a?b#c", true), ("www.example.com", "https://www.example.com.", true),
      ("www.example.com", "https://xwww.example.com/", false),
      ("www.example.com:8443", "https://www.example.com:8443/", true),
      ("www.example.com:8443", "https://www.example.com/", false),
      ("www.example.com:443", "https://www.example.com/", true),
      ("www.example.com:80", "http://www.example.com/", true),
      (".example.com", "http://a.b.example.com/", true), (".example.com", "http://example.com/", true),
      (".example.com", "http://notexample.com/", false), (".example.com:81", "http://a.example.com:81/", true),
      (".example.com:81", "http://a.example.com/", false),
      ("*.example.com", "http://a.b.example.com/", true), ("*.example.com", "http://example.com/", false),
      ("*", "http://anything.example/", true), ("*:8080", "http://a:8080/", true), ("*:8080", "http://a/", false),
      ("a*c*.example.com", "http://abcbc.example.com/", true), ("a*c*.example.com", "http://ab.example.com/", false),
      ("192.168.1.*", "http://192.168.1.7/", true), ("*b*b*b*", "http://aabaabaaa/", false),
      ("10.0.0.1", "http://10.0.0.1:99/", true), ("10.0.0.1:99", "http://10.0.0.1:99/", true),
      ("10.0.0.1:99", "http://10.0.0.1/", false), ("10.0.0.1", "http://10.0.0.10/", false),
      ("10.0.0.0/8", "http://10.255.255.255/", true), ("10.0.0.0/8", "http://11.0.0.0/", false),
      ("10.0.0.0/8", "http://10.example.com/", false), ("0.0.0.0/0", "http://8.8.8.8/", true),
      ("0.0.0.0/0", "http://[::1]/", false), ("10.0.0.4/31", "http://10.0.0.5/", true),
      ("10.0.0.4/31", "http://10.0.0.6/", false),
      ("2001:db8::1", "http://[2001:DB8:0::1]/", true), ("[2001:db8::1]", "http://[2001:db8::1]/", true),
      ("[2001:db8::1]:81", "http://[2001:db8::1]:81/", true), ("[2001:db8::1]:81", "http://[2001:db8::1]/", false),
      ("fd00::/8", "http://[fdff::1]/", true), ("fd00::/8", "http://[fe00::1]/", false),
      ("::/0", "http://10.0.0.1/", false),
    ])
  func matchesWhatItNames(_ text: String, _ url: String, _ isMatched: Bool) throws {
    let rule = try BypassRule(parsing: text)
    let origin = try #require(WebOrigin(url))
    #expect(rule.matches(origin) == isMatched)
    #expect(try BypassRule(parsing: rule.description) == rule)
  }

  @Test(
    arguments: [
      "", "<Local>", "local>", "http://a", "a b", "a:0", "a:", "a:b", ".", "..a", ".a.", "a..b", ".*.example.com",
      "10.0.0.1/8",
      "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/+8", "10.0.0.0/8/8", "10.0.0.0/8:80", "fd00::/129", "fd00::1/8",
      "10.0.0.300",
      "10.0.0", "[10.0.0.1]", "[fd00::1", "fd00::1]:80", "a?c", "ä", "a/8", "a\n", "*/8", "user@a",
    ])
  func aSlipIsNoRule(_ text: String) {
    let error = #expect(throws: ProxySettingsError.self) { try BypassRule(parsing: text) }
    #expect(error?.value == text)
  }

  @Test func theErrorOfANetworkSaysTheRightOne() {
    let error = #expect(throws: ProxySettingsError.self) { try BypassRule(parsing: "10.1.2.3/8") }
    #expect(error?.allowed.contains("10.0.0.0/8") == true)
  }

  @Test func aListMayBeEmptyButHasNoEmptyParts() throws {
    #expect(try BypassRule.list("").isEmpty)
    #expect(try BypassRule.list("<local>,.example.com") == [.local, .domain("example.com", port: nil)])
    #expect(throws: ProxySettingsError.self) { try BypassRule.list("a,,b") }
    #expect(throws: ProxySettingsError.self) { try BypassRule.list("a, b") }
  }

  /// Many asterisks against a long name: no more than the product of both.
  @Test(.timeLimit(.minutes(1))) func aPatternTakesNoTime() throws {
    let rule = try BypassRule(parsing: String(repeating: "*a", count: 120) + "b")
    let label = String(repeating: "a", count: 60)
    let origin = try #require(WebOrigin("http://\(label).\(label).\(label).\(label)/"))
    #expect(!rule.matches(origin))
  }
}
