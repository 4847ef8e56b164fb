import Proxies
import Synchronization

/// Which proxies did not answer lately, so that not every request waits for them again.
final class DeadProxies: Sendable {
  /// How long a proxy is remembered as dead.
  static let memory: Duration = .seconds(300)

  private let until = Mutex<[ProxyEndpoint: Duration]>([:])

  /// The list with the dead ones last. None is left out: when all are dead, they are all tried.
  func ordered(_ routes: [ProxyRoute], now: Duration) -> [ProxyRoute] {
    let until = until.withLock { $0 }
    let isDead = { (route: ProxyRoute) in
      guard case .through(let proxy) = route, let end = until[proxy] else { return false }
      return now < end
    }
    return routes.filter { !isDead($0) } + routes.filter(isDead)
  }

  func note(_ route: ProxyRoute, isDead: Bool, now: Duration) {
    guard case .through(let proxy) = route else { return }
    until.withLock { $0[proxy] = isDead ? now + Self.memory : nil }
  }
}
