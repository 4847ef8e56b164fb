import Dispatch

/// Runs calls that wait for the disk on a thread of their own, so that they do not hold up Swift's own pool.
enum Blocking {
  static func run(_ body: @escaping @Sendable () throws -> Void) async throws {
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
      DispatchQueue.global().async {
        continuation.resume(with: Result { try body() })
      }
    }
  }
}
