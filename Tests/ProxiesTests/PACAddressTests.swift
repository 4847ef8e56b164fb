import Dispatch
import Testing

@testable import Proxies

/// The helpers that look at addresses and ask for them; names are those of `PACNames.table`.
@Suite struct PACAddressTests {
  @Test(arguments: [
    // MDN: a host is resolved, an address is itself; 255 in the mask is a part that must be equal.
    (#"isInNet("inside.example.com", "10.0.0.0", "255.0.0.0")"#, "true"),
    (#"isInNet("www.example.com", "10.0.0.0", "255.0.0.0")"#, "false"),
    (#"isInNet("198.95.249.79", "198.95.249.79", "255.255.255.255")"#, "true"),
    (#"isInNet("198.95.6.8", "198.95.0.0", "255.255.0.0")"#, "true"),
    (#"convert_addr("104.16.41.2")"#, "1745889538"),
    (#"dnsResolve("www.example.com")"#, #""192.0.2.10""#), (#"myIpAddress()"#, #""10.9.8.7""#),
    (#"isResolvable("www.example.com")"#, "true"), (#"isResolvable("nowhere.example.com")"#, "false"),
    // Chromium
    (#"isInNet("192.89.132.25", "192.89.0.0", "255.255.0.0")"#, "true"),
    (#"isInNet("193.89.132.25", "192.89.0.0", "255.255.0.0")"#, "false"),
    (#"isInNet("192.89.132.a", "192.89.0.0", "255.255.0.0")"#, "false"),
    (#"isInNetEx("198.95.1.1", "198.95.3.3/16")"#, "true"), (#"isInNetEx("198.96.115.10", "198.95.0.0/16")"#, "false"),
    (#"isInNetEx("3ffe:8311:ffff:abcd:1234:dead:beef:101", "3ffe:8311:ffff::/48")"#, "true"),
    (#"isInNetEx("3fff:8311:ffff:abcd:1234:dead:beef:101", "3ffe:8311:ffff::/48")"#, "false"),
    (#"isInNetEx("::ffff:192.168.100.5", "192.168.1.1/16")"#, "true"),
    (#"isInNetEx("::fffe:192.168.100.5", "192.168.1.1/16")"#, "false"),
    (#"isInNetEx("192.168.1.1", "::ffff:192.168.1.1/112")"#, "true"),
    (#"isInNetEx("10.168.1.1", "::ffff:192.168.1.1/112")"#, "false"),
    (#"isInNetEx("198.95.115.10", "198.95.0.0/34")"#, "false"), (#"isInNetEx("127.0.0.1", "127.0.0.1")"#, "false"),
    (#"isInNetEx("127.0.0.1 ", "127.0.0.1/32")"#, "false"), (#"isInNetEx(null, null)"#, "null"),
    (#"sortIpAddressList("::2;::3;::1")"#, #""::1;::2;::3""#),
    (
      #"sortIpAddressList("157.59.139.22;2001:4898:28:3:201:2ff:feea:fc14;fe80::5efe:157:9d3b:8b16")"#,
      #""2001:4898:28:3:201:2ff:feea:fc14;fe80::5efe:157:9d3b:8b16;157.59.139.22""#
    ),
    (#"sortIpAddressList("192.168.1.1;0:0::1")"#, #""0:0::1;192.168.1.1""#),
    (#"sortIpAddressList("0::1;::1;0:0::1")"#, #""0::1;::1;0:0::1""#),
    (#"sortIpAddressList("127.0.0.1;\t127.0.0.2;\t 127.0.0.0")"#, #""127.0.0.0;127.0.0.1;127.0.0.2""#),
    (#"sortIpAddressList(" ;  ; ")"#, "false"), (#"sortIpAddressList("256.0.0.1")"#, "false"),
    (#"sortIpAddressList("192.168.1.1;0:0:0:1;127.0.0.1")"#, "false"), (#"sortIpAddressList(null)"#, "null"),
    // Microsoft's extensions: both versions, as the system orders them; nothing found is an empty list.
    (#"dnsResolveEx("both.example.com")"#, #""2001:db8::7;192.0.2.7""#), (#"dnsResolveEx("nowhere")"#, #""""#),
    (#"isResolvableEx("new.example.com")"#, "true"), (#"isResolvableEx("nowhere")"#, "false"),
    (#"myIpAddressEx()"#, #""10.9.8.7;2001:db8::9""#), (#"getClientVersion()"#, #""1.0""#),
    // The older functions know IPv4 only.
    (#"dnsResolve("both.example.com")"#, #""192.0.2.7""#), (#"isResolvable("new.example.com")"#, "false"),
    (#"dnsResolve("2001:db8::1")"#, "null"), (#"isInNet(null, "10.0.0.0", "255.0.0.0")"#, "false"),
  ])
  func answers(_ expression: String, _ expected: String) async throws {
    #expect(try await PACTest.value(expression) == expected)
  }

  /// What Chromium's resolver answers a script when nothing can be looked up.
  @Test(arguments: [
    ("myIpAddress()", #""127.0.0.1""#), ("dnsResolve('www.example.com')", "null"),
    ("isInNet('www.example.com', '0.0.0.0', '0.0.0.0')", "false"), ("isResolvable('www.example.com')", "false"),
    ("myIpAddressEx()", #""""#), ("dnsResolveEx('www.example.com')", #""""#),
  ])
  func answersWithoutNames(_ expression: String, _ expected: String) async throws {
    #expect(try await PACTest.value(expression, names: .none) == expected)
  }

  @Test func theMachinesOwnResolverFindsItself() async throws {
    #expect(try await PACTest.value("dnsResolve('localhost')", names: .system) == #""127.0.0.1""#)
    #expect(try await PACTest.value("dnsResolve('nowhere.invalid')", names: .system) == "null")
  }

  @Test func aLookupThatNeverEndsIsGivenUp() async throws {
    let names = PACNames(resolve: { _, _ in PACNames.bounded(0.1) { Self.wait() } }, own: { [] })
    var answer = ""
    let time = try await PACTest.seconds {
      answer = try await PACTest.value("dnsResolve('slow.example.com')", names: names)
    }
    #expect(answer == "null")
    #expect(time < 2)
  }

  /// Longer than the test waits for it.
  private static func wait() -> [IPAddress] {
    _ = DispatchSemaphore(value: 0).wait(timeout: .now() + 3)
    return [IPAddress(parsing: "192.0.2.1")].compactMap { $0 }
  }
}
