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
    // Patterns are no regular expressions, and nothing in them is dear.
    (#"shExpMatch("a+b[1].c", "a+b[1].?")"#, "true"), (#"shExpMatch("abbc", "a+b[1].?")"#, "false"),
    (#"shExpMatch("x.a.com", "(*.a.com|a.com)")"#, "true"), (#"shExpMatch("a.com", "(*.a.com|a.com)")"#, "true"),
    (#"shExpMatch("b.com", "(*.a.com|a.com)")"#, "false"), (#"shExpMatch("http://b/x", "http://(a|b)/*")"#, "true"),
    (#"shExpMatch("ad", "a((b|c)|d)")"#, "true"), (#"shExpMatch("ac", "a((b|c)|d)")"#, "true"),
    (#"shExpMatch("a|b", "a|b")"#, "false"), (#"shExpMatch("b", "a|b")"#, "true"),
    (#"shExpMatch("(a|b", "(a|b")"#, "true"),
    (#"shExpMatch("a", new Array(40).join("(a|b)"))"#, "false"),
    (#"localHostOrDomainIs("www.mozilla", "www.mozilla.org")"#, "true"),
    (#"shExpMatch("", "")"#, "true"), (#"shExpMatch("", "***")"#, "true"), (#"shExpMatch("", "?")"#, "false"),
    (#"shExpMatch("héé", "h??")"#, "true"),
    (#"shExpMatch(new Array(9000).join("a"), new Array(50).join("*a") + "b")"#, "false"),
  ])
  func answers(_ expression: String, _ expected: String) async throws {
    #expect(try await PACTest.value(expression) == expected)
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
