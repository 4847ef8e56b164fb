import Glibc

/// Held by the client that is at work on a store; given back when the last reference goes, or the process ends.
public final class StoreLock: Sendable {
  /// Nil for a store that needs none.
  let descriptor: CInt?

  init(descriptor: CInt) { self.descriptor = descriptor }

  /// A lock for stores that nobody else can reach.
  public init() { descriptor = nil }

  deinit { if let descriptor { close(descriptor) } }
}
