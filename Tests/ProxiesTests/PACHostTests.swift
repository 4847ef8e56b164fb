import Testing

@testable import Proxies

/// The helpers that look at names. "MDN": Mozilla's page on the format; "Chromium": the behaviour that its tests of the
/// helpers publish.
@Suite struct PACHostTests {
  @Test(arguments: [
    // MDN
    (#"isPlainHostName("www.mozilla.org")"#, "false"), (#"isPlainHostName("www")"#, "true"),
    (#"dnsDomainIs("www.mozilla.org", ".mozilla.org")"#, "true"), (#"dnsDomainIs("www", ".mozilla.org")"#, "false"),
    (#"localHostOrDomainIs("www.mozilla.org", "www.mozilla.org")"#, "true"),
    (#"localHostOrDomainIs("www", "www.mozilla.org")"#, "true"),
    (#"localHostOrDomainIs("www.google.com", "www.mozilla.org")"#, "false"),
    (#"localHostOrDomainIs("home.mozilla.org", "www.mozilla.org")"#, "false"),
    (#"dnsDomainLevels("www")"#, "0"), (#"dnsDomainLevels("mozilla.org")"#, "1"),
    (#"dnsDomainLevels("www.mozilla.org")"#, "2"),
    (#"shExpMatch("http://home.netscape.com/people/ari/index.html", "*/ari/*")"#, "true"),
    (#"shExpMatch("http://home.netscape.com/people/montulli/index.html", "*/ari/*")"#, "false"),
    // Chromium
    (#"isPlainHostName("192.168.1.1")"#, "false"), (#"isPlainHostName(".")"#, "false"),
    (#"isPlainHostName("::1")"#, "false"), (#"isPlainHostName("::192.186.1.1")"#, "false"),
    (#"isPlainHostName("foopy::1")"#, "true"), (#"isPlainHostName("[::1]")"#, "true"),
    (#"isPlainHostName("foo", "foo", "foo")"#, "true"),
    (#"dnsDomainIs("google.co.uk", ".co.uk")"#, "true"), (#"dnsDomainIs("www.adobe.com", ".ad")"#, "false"),
    (#"dnsDomainLevels("192.168.1.1")"#, "3"),
    (#"shExpMatch("foo.jpg", "*.jpg")"#, "true"), (#"shExpMatch("foo5.jpg", "*o?.jpg")"#, "true"),
    (#"shExpMatch("foo.jpg", ".jpg")"#, "false"), (#"shExpMatch("foo.jpg", "foo")"#, "false"),
    // A pattern is a regular expression between ^ and $, in which `.`, `*` and `?` alone are translated.
    (#"shExpMatch("x.a.com", "(*.a.com|a.com)")"#, "true"), (#"shExpMatch("a.com", "(*.a.com|a.com)")"#, "true"),
    (#"shExpMatch("b.com", "(*.a.com|a.com)")"#, "false"), (#"shExpMatch("xaxcom", "(a.com|b.com)")"#, "false"),
    (#"shExpMatch("http://b/x", "http://(a|b)/*")"#, "true"), (#"shExpMatch("ad", "a((b|c)|d)")"#, "true"),
    (#"shExpMatch("abbc", "ab+c")"#, "true"), (#"shExpMatch("ab+c", "ab+c")"#, "false"),
    (#"shExpMatch("h7.a", "h[0-9].a")"#, "true"), (#"shExpMatch("hx.a", "h[0-9].a")"#, "false"),
    (#"shExpMatch("h7", "h\\d")"#, "true"), (#"shExpMatch("aab", "a{2}b")"#, "true"),
    (#"shExpMatch("a", "^a$")"#, "true"), (#"shExpMatch("a^", "a^")"#, "false"),
    // No group is put around it.
    (#"shExpMatch("abc", "a|b")"#, "true"), (#"shExpMatch("xb", "a|b")"#, "true"),
    (#"shExpMatch("xax", "a|b")"#, "false"),
    // What scripts put in place of the engine's own does not matter.
    (#"(RegExp.prototype.test = RegExp.prototype.exec = null, RegExp = 0, shExpMatch("b", "(a|b)"))"#, "true"),
    (#"localHostOrDomainIs("www.mozilla", "www.mozilla.org")"#, "true"),
    (#"shExpMatch("", "")"#, "true"), (#"shExpMatch("", "***")"#, "true"), (#"shExpMatch("", "?")"#, "false"),
    (#"shExpMatch("héé", "h??")"#, "true"),
    (#"shExpMatch(new Array(9000).join("a"), new Array(50).join("*a") + "b")"#, "false"),
  ])
  func answers(_ expression: String, _ expected: String) async throws {
    #expect(try await PACTest.value(expression) == expected)
  }

  /// As in browsers, where the script fails with it.
  @Test(arguments: ["(a", "a)", "[a", "+a", "*+"])
  func whatIsNoPatternThrows(_ pattern: String) async throws {
    let error = try #require(
      await PACTest.error(
        "function FindProxyForURL() {\n\n return shExpMatch('a', \"\(pattern)\") ? 'DIRECT' : '' }"))
    #expect(error.code == .script && error.line == 3, "\(error)")
  }

  /// As in Chromium, what is no name is no question.
  @Test(arguments: [
    "isPlainHostName()", "isPlainHostName(null)", "isPlainHostName(1)", "dnsDomainIs('a')", "dnsDomainLevels(null)",
    "shExpMatch('a')", "localHostOrDomainIs(undefined, 'a')",
  ])
  func whatIsNoNameThrows(_ expression: String) async throws {
    let caught = "(function () { try { \(expression); return 'none' } catch (e) { return e.name } })()"
    #expect(try await PACTest.value(caught) == "\"TypeError\"")
  }
}
