/// Waiting with an end.
public enum Bounded {
  /// What `work` answers, or nil after so many seconds: then it is cancelled, and left behind if it does not heed that.
  /// No task group, for that waits for the slowest.
  public static func answer<Answer: Sendable>(
    within seconds: Int, of work: @escaping @Sendable () async -> Answer
  ) async -> Answer? {
    let (answers, box) = AsyncStream.makeStream(of: Answer?.self)
    let job = Task { _ = box.yield(await work()) }
    let clock = Task {
      try await Task.sleep(for: .seconds(seconds))
      box.yield(nil)
    }
    defer {
      job.cancel()
      clock.cancel()
    }
    for await answer in answers { return answer }
    return nil
  }
}
