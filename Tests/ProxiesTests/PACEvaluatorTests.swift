import Proxies
import Testing

@Suite struct PACEvaluatorTests {
  @Test func aScriptIsAskedAndItsListKeepsItsOrder() async throws {
    let evaluator = PACTest.evaluator(
      "function FindProxyForURL(url, host) { return 'PROXY a:1; SOCKS b:2; HTTPS c; DIRECT'; }")
    let routes = try await evaluator.routes(for: "https://example.com/", host: "example.com")
    #expect(routes.map(\.description) == ["PROXY a:1", "SOCKS4 b:2", "HTTPS c:443", "DIRECT"])
  }
}
