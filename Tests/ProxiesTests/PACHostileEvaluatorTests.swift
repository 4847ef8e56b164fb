import Testing

@testable import Proxies

/// An evaluator that a script has taken over can say what it likes: here shells speak in its place.
@Suite struct PACHostileEvaluatorTests {
  // Frames in the octal escapes of printf(1).
  private static let ready = #"\013\000\000\000\020\001\000\000\0001\001\000\000\0002"#
  private static let loaded = #"\001\000\000\000\021"#
  private static let answer = #"\013\000\000\000\024\006\000\000\000DIRECT"#
  private static let alert = #"\010\000\000\000\023\003\000\000\000\033[m"#
  private static let lookup = #"\016\000\000\000\022\004\000\000\000name\001\000\000\000a"#

  private func ask(_ shell: String, log: @escaping @Sendable (String) -> Void = { _ in }) async throws(PACError)
    -> [ProxyRoute]
  {
    var limits = PACLimits()
    limits.total = 0.5
    let evaluator = PACEvaluator(
      script: [], source: "x.pac", launch: .process("/bin/sh", arguments: ["-c", "exec >&0; \(shell)"]), limits: limits,
      names: .none, log: log)
    return try await evaluator.routes(for: "https://a/", host: "a")
  }

  @Test func theShellCouldBeAnEvaluator() async throws {
    #expect(try await ask("printf '\(Self.ready)\(Self.loaded)\(Self.answer)'; sleep 1") == [.direct])
  }

  @Test(
    arguments: [
      ("yes", .lost, "nonsense"), ("printf '\(loaded)'", .unavailable, "no evaluator"),
      ("printf '\(ready)\(answer)'", .lost, "out of turn"),
      ("printf '\(ready)\(loaded)\(loaded)'", .lost, "out of turn"),
      (#"printf '\377\377\377\177'"#, .lost, "nonsense"), ("printf '\(ready)'", .lost, "ended"),
      ("exec sleep 5", .limit, "within the time"), ("printf '\(ready)'; exec sleep 5", .limit, "within the time"),
      ("printf '\(ready)'; while printf '\(alert)'; do :; done", .limit, "within the time"),
      ("printf '\(ready)'; while printf '\(lookup)'; do :; done", .limit, "name look-ups"),
    ] as [(String, PACError.Code, String)])
  func isAnErrorWithinItsTime(_ shell: String, _ code: PACError.Code, _ text: String) async throws {
    var found: PACError?
    let time = await PACTest.seconds {
      do throws(PACError) { _ = try await ask(shell) } catch { found = error }
    }
    let error = try #require(found)
    #expect(error.code == code && error.message.contains(text), "\(error)")
    #expect(time < 2, "\(time) s")
  }

  @Test func whatItSaysIsShownAsWordsAndNotWithoutEnd() async throws {
    let lines = PACTest.Lines()
    let alerts = String(repeating: Self.alert, count: 40)
    #expect(
      try await ask("printf '\(Self.ready)\(alerts)\(Self.loaded)\(Self.answer)'; sleep 1", log: { lines.add($0) })
        == [.direct])
    #expect(lines.all == Array(repeating: "x.pac says: \u{FFFD}[m", count: 16))
  }
}
