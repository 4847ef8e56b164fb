import Testing

@testable import Transport

@Suite struct ProxySettingTests {
  @Test(arguments: [
    ("proxy.example:3128", "proxy.example", 3128), ("http://proxy:80/", "proxy", 80),
    ("10.0.0.1:8080", "10.0.0.1", 8080),
    ("[fd00::1]:3128", "fd00::1", 3128),
  ])
  func hostAndPortAreParsed(text: String, host: String, port: Int) {
    #expect(ProxySetting(parsing: text) == ProxySetting(host: host, port: port))
  }

  @Test(arguments: [
    "", "proxy", "proxy:", ":80", "proxy:0", "proxy:65536", "proxy:8o", "proxy:+80", "https://proxy:80", "a b:80",
    "user:word@proxy:80", "user@proxy:80", "proxy:80/path", "fd00::1:80", "[x]:80", "[]:80",
  ])
  func everythingElseIsRefused(text: String) {
    #expect(ProxySetting(parsing: text) == nil)
  }

  @Test(arguments: [
    ("repo.example", "repo.example", true), ("REPO.example", "repo.Example", true),
    ("repo.example", "x.repo.example", false),
    (".example", "repo.example", true), (".example", "example", true), ("*.example", "a.b.example", true),
    ("*.example", "notexample", false), (".example", "repo.example.org", false), ("*", "anything", true),
    ("10.0.0.1", "10.0.0.1", true), ("10.0.0.1", "10.0.0.10", false), ("", "x", false),
  ])
  func bypassPatterns(pattern: String, host: String, expected: Bool) {
    #expect(ProxySetting(host: "p", port: 1, bypass: [pattern]).bypasses(host) == expected)
  }
}
