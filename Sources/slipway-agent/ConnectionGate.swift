import Synchronization

/// Counts the open connections, and turns away those beyond the limit.
final class ConnectionGate: Sendable {
  private let limit: Int
  private let open = Mutex(0)

  init(limit: Int) {
    self.limit = limit
  }

  /// Whether one more connection may stay; each `true` is answered by one `leave`.
  func enter() -> Bool {
    open.withLock { count in
      guard count < limit else { return false }
      count += 1
      return true
    }
  }

  func leave() {
    open.withLock { $0 -= 1 }
  }
}
