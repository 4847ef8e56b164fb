import Dispatch
import Posix
import Synchronization

/// Asks a proxy auto-configuration script which way a URL is to be reached by.
///
/// The script runs in a process that can compute and answer, and nothing else; this side gives it the time, the answers
/// to name look-ups, and an end. One evaluator serves many questions, one after the other; after any error the next
/// question gets a new one.
public final class PACEvaluator: Sendable {
  private let context: PACContext
  private let launch: PACLaunch
  private let tooLarge: Bool
  private let questions = DispatchQueue(label: "slipway.pac")
  private let conversation = Mutex<PACConversation?>(nil)
  private let answers: Mutex<PACAnswers>

  /// - Parameters:
  ///   - script: as it was received: UTF-8, with or without a byte order mark, or else ISO 8859-1.
  ///   - source: what errors call the script: its URL, without credentials.
  ///   - log: is told what the script wants to be told, and of empty answers; one line each, sanitized.
  public init(
    script: [UInt8], source: String, launch: PACLaunch, limits: PACLimits = PACLimits(), names: PACNames = .system,
    clock: @escaping @Sendable () -> PACTime = PACTime.host, log: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    context = PACContext(
      script: script.count > limits.script ? "" : Self.decode(script), source: source, limits: limits, names: names,
      clock: clock, log: log)
    self.launch = launch
    tooLarge = script.count > limits.script
    answers = Mutex(
      PACAnswers(
        most: limits.rememberedAnswers, seconds: limits.memoryOfAnswers, ofFailures: limits.memoryOfFailures))
  }

  /// The routes to `url`, in the order in which they are to be tried: never none. An empty answer of the script means
  /// ``ProxyRoute/direct``.
  ///
  /// - Parameter host: the URL's host, without port.
  /// - Throws: every error means that there is no decision.
  public func routes(for url: String, host: String) async throws(PACError) -> [ProxyRoute] {
    let question = PACQuestion(url: url, host: host)
    if let answer = remembered(question) { return try answer.get() }
    let result = await withCheckedContinuation { continuation in
      questions.async { continuation.resume(returning: self.answer(question)) }
    }
    return try result.get()
  }

  /// What the evaluator says about its confinement. Starts one if there is none.
  func report() async throws(PACError) -> PACConfinementReport {
    let result: Result<PACConfinementReport, PACError> = await withCheckedContinuation { continuation in
      questions.async {
        continuation.resume(
          returning: self.conversation.withLock { current in
            Result { () throws(PACError) in try self.open(&current, until: self.deadline()).report }
          })
      }
    }
    return try result.get()
  }

  private func answer(_ question: PACQuestion) -> PACAnswers.Answer {
    // Somebody may have asked the same in the meantime.
    if let answer = remembered(question) { return answer }
    return conversation.withLock { current in
      var answer: PACAnswers.Answer
      // A script that cannot be loaded is that for every question.
      var place = Self.everywhere
      do throws(PACError) {
        guard !tooLarge else {
          throw PACError(.limit, source: context.source, "the script has more than \(context.limits.script) bytes")
        }
        let text = try ask(question, &current) { place = question.origin }
        answer = .success(try routes(text, question))
      } catch {
        current = nil
        answer = .failure(error)
      }
      answers.withLock { $0.remember(answer, for: place, now: HostClock.monotonicNanoseconds()) }
      return answer
    }
  }

  /// An evaluator that has served before may have come to its end in the meantime: its years are numbered, and others
  /// may end it. A new one is then asked the same.
  private func ask(
    _ question: PACQuestion, _ current: inout PACConversation?, loaded: () -> Void
  ) throws(PACError) -> String {
    let deadline = deadline()
    if let conversation = current {
      loaded()
      do throws(PACError) {
        return try conversation.ask(question, until: deadline)
      } catch {
        guard error.code == .lost else { throw error }
        current = nil
      }
    }
    let conversation = try open(&current, until: deadline)
    loaded()
    return try conversation.ask(question, until: deadline)
  }

  private func open(_ current: inout PACConversation?, until deadline: Int64) throws(PACError) -> PACConversation {
    if let current { return current }
    let new = try PACConversation(launch, context, until: deadline)
    current = new
    return new
  }

  private func routes(_ text: String, _ question: PACQuestion) throws(PACError) -> [ProxyRoute] {
    do throws(PACAnswer.Malformed) {
      let routes = try PACAnswer.parse(text)
      guard routes.isEmpty else { return routes }
    } catch {
      throw PACError(
        .answer, source: context.source,
        "for \(question.host) the script answered \(error.reason.sanitized(limit: 512))")
    }
    context.log("\(context.source): an empty answer for \(question.host): it is reached directly")
    return [.direct]
  }

  /// The place of what is true of every question: no URL's origin is empty where there is a script to be asked.
  private static let everywhere = ""

  private func remembered(_ question: PACQuestion) -> PACAnswers.Answer? {
    let now = HostClock.monotonicNanoseconds()
    return answers.withLock { $0.answer(for: question.origin, now: now) ?? $0.answer(for: Self.everywhere, now: now) }
  }

  private func deadline() -> Int64 {
    HostClock.monotonicNanoseconds() + Int64(context.limits.total * 1e9)
  }

  private static func decode(_ script: [UInt8]) -> String {
    let bytes = script.starts(with: [0xEF, 0xBB, 0xBF]) ? script[3...] : script[...]
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    return String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
  }
}
