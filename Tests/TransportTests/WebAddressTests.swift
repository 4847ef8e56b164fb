import Testing

@testable import Transport

@Suite struct WebAddressTests {
  @Test(arguments: [
    ("http://Host/a?b=c", "host", "host", "/a?b=c"), ("https://host:443", "host", "host", "/"),
    ("http://host:8080/a%2Fb", "host", "host:8080", "/a%2Fb"),
    ("https://[fd00::1]:81/", "fd00::1", "[fd00::1]:81", "/"),
    ("http://host:443/x", "host", "host:443", "/x"),
  ])
  func partsAreThoseThatARequestNeeds(text: String, host: String, authority: String, path: String) throws {
    let address = try #require(WebAddress(text))
    #expect(address.host == host)
    #expect(address.authority == authority)
    #expect(address.pathAndQuery == path)
  }

  @Test(arguments: [
    ("/x", "http://a:1/x"), ("x", "http://a:1/b/x"), ("../x", "http://a:1/x"), ("//c/x", "http://c/x"),
    ("https://c/x?y", "https://c/x?y"), ("?q", "http://a:1/b/c?q"),
  ])
  func redirectsMayBeRelative(location: String, expected: String) throws {
    let address = try #require(WebAddress("http://a:1/b/c"))
    #expect(try address.redirected(to: location).text == expected)
  }

  @Test(arguments: ["mailto:a@b", "http://user@c/", "javascript:alert(1)", nil])
  func redirectsElsewhereAreRefused(location: String?) throws {
    let address = try #require(WebAddress("http://a:1/b/c"))
    #expect(throws: failure(.invalidAnswer)) { try address.redirected(to: location) }
  }

  @Test(arguments: ["http://a/b", "HTTP://a/b", "http://elsewhere/b"])
  func redirectOutOfTLSIsRefused(location: String) throws {
    let address = try #require(WebAddress("https://a/b"))
    #expect(throws: failure(.invalidAnswer)) { try address.redirected(to: location) }
    #expect(try address.redirected(to: "/c").text == "https://a/c")
  }
}
