import Testing

@testable import Proxies

@Suite struct PACAnswerTests {
  @Test(arguments: [
    ("DIRECT", "DIRECT"), ("", ""), (" ; ;", ""), ("direct", "DIRECT"), ("PROXY foopy:10", "PROXY foopy:10"),
    // Chromium's tests of its list of proxies.
    (" DIRECT", "DIRECT"), ("PROXY foopy1 ; SOCKS4 foopy2;\t DIRECT", "PROXY foopy1:80; SOCKS4 foopy2:1080; DIRECT"),
    ("HTTPS foopy1; SOCKS5 foopy2", "HTTPS foopy1:443; SOCKS5 foopy2:1080"), ("SOCKS foopy", "SOCKS4 foopy:1080"),
    // Mozilla's page.
    ("HTTP a:1; HTTPS b:2; SOCKS c:3; SOCKS5 d:4", "PROXY a:1; HTTPS b:2; SOCKS4 c:3; SOCKS5 d:4"),
    ("PROXY [2001:db8::1]:3128", "PROXY [2001:db8::1]:3128"), ("PROXY [::1]", "PROXY [::1]:80"),
    ("proxy\t10.0.0.1:65535;direct;", "PROXY 10.0.0.1:65535; DIRECT"),
  ])
  func isReadInOrder(_ answer: String, _ expected: String) throws {
    #expect(try PACAnswer.parse(answer).map(\.description).joined(separator: "; ") == expected)
  }

  @Test(arguments: [
    "PROXY", "PROXY ", "PROXY :80", "PROXY a:", "PROXY a:65536", "PROXY a:080808", "PROXY a:+1", "PROXY a b",
    "PROXY a,b",
    "PROXY ::1:80", "PROXY [::1", "PROXY [a]:1", "PROXY [10.0.0.1]:1", "PROXY u:p@a:1", "PROXY a/b", "PROXY a:1\0",
    "QUIC a:1", "DIRECT, PROXY a:1", "PROXY a:1 DIRECT",
  ])
  func anythingElseIsRefused(_ answer: String) {
    #expect(throws: PACAnswer.Malformed.self) { try PACAnswer.parse(answer) }
  }

  @Test func aListHasItsLength() throws {
    #expect(try PACAnswer.parse(String(repeating: "DIRECT;", count: 32)).count == 32)
    #expect(throws: PACAnswer.Malformed.self) { try PACAnswer.parse(String(repeating: "DIRECT;", count: 33)) }
  }
}
