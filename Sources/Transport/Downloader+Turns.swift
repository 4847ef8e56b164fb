extension Downloader {
  /// Asks each URL in turn, and after a pause all of them again, until one answers, no one can, or the time is up.
  ///
  /// `missingEnds`: one server's "no such file" settles it once no other has the file; otherwise another try is made as
  /// long as some server failed for a passing reason. `progress` counts bytes that need not be brought again: a round
  /// that brought enough of them does not count as a failed one.
  func inTurn<Result>(
    _ urls: [String], deadline: Duration, missingEnds: Bool, progress: () -> Int64 = { 0 },
    _ attempt: (String) async throws(TransportError) -> Result
  ) async throws(TransportError) -> Result {
    var round = 0
    while true {
      let before = progress()
      var failures: [TransportError] = []
      for url in urls {
        do throws(TransportError) { return try await attempt(url) } catch {
          if error.endsEverything { throw error }
          failures.append(error)
        }
      }
      if missingEnds, let missing = failures.first(where: { $0.code == .notFound }) { throw missing }
      guard let passing = failures.first(where: { !$0.isPermanent }) else {
        throw failures.first ?? TransportError(.invalidURL, "(no URL)", "no base URL is configured")
      }
      round = progress() - before >= settings.progressThreshold ? 0 : round + 1
      guard round < settings.retry.maximumAttempts else { throw passing }
      try await pause(after: round, passing, deadline: deadline)
    }
  }

  private func pause(after round: Int, _ failure: TransportError, deadline: Duration) async throws(TransportError) {
    let pause = settings.retry.pause(
      after: max(round - 1, 0), random: environment.random(), retryAfter: failure.retryAfter)
    // Waiting past the end helps nobody: the caller learns at once, and from `retryAfter` when to come back.
    guard environment.monotonic() + pause < deadline else { throw failure }
    do { try await environment.pause(pause) } catch { throw TransportError(.cancelled, failure.place) }
  }
}
