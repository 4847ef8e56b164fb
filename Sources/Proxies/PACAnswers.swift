/// Answers that are remembered for a while; the oldest go first when there are too many. Of errors only limits are: they
/// take long, and would be met by each of many requests in turn.
struct PACAnswers {
  typealias Answer = Result<[ProxyRoute], PACError>

  private struct Entry {
    let answer: Answer
    /// Nanoseconds of the monotonic clock.
    let until: Int64
  }

  private let most: Int
  private let seconds: Double
  private let secondsOfFailures: Double
  private var entries: [String: Entry] = [:]
  private var order: [String] = []

  init(most: Int, seconds: Double, ofFailures: Double = 0) {
    self.most = most
    self.seconds = seconds
    secondsOfFailures = ofFailures
  }

  func answer(for origin: String, now: Int64) -> Answer? {
    guard let entry = entries[origin], now < entry.until else { return nil }
    return entry.answer
  }

  mutating func remember(_ answer: Answer, for origin: String, now: Int64) {
    let duration: Double
    switch answer {
    case .success: duration = seconds
    case .failure(let error) where error.code == .limit: duration = secondsOfFailures
    case .failure: return
    }
    guard most > 0 else { return }
    if entries[origin] != nil { order.removeAll { $0 == origin } }
    while order.count >= most { entries[order.removeFirst()] = nil }
    order.append(origin)
    entries[origin] = Entry(answer: answer, until: now + Int64(duration * 1e9))
  }
}
