import Proxies
import Testing

@testable import Transport

@Suite struct DeadProxiesTests {
  let a = ProxyEndpoint(.http, host: "a", port: 1)
  let b = ProxyEndpoint(.http, host: "b", port: 1)

  @Test func theDeadComeLastForAWhileAndAreNeverLeftOut() {
    let dead = DeadProxies()
    let routes: [ProxyRoute] = [.through(a), .direct, .through(b)]
    #expect(dead.ordered(routes, now: .zero) == routes)
    dead.note(.through(a), isDead: true, now: .zero)
    dead.note(.direct, isDead: true, now: .zero)
    #expect(dead.ordered(routes, now: .seconds(299)) == [.direct, .through(b), .through(a)])
    #expect(dead.ordered([.through(a)], now: .zero) == [.through(a)])
    #expect(dead.ordered(routes, now: .seconds(300)) == routes)
    dead.note(.through(a), isDead: false, now: .seconds(1))
    #expect(dead.ordered(routes, now: .seconds(2)) == routes)
  }
}
