import Installation
import Posix
import Product
import SystemPackage
import Testing

@testable import Updating

/// What is told of a change of journal or state, as a table.
@Suite struct EventTests {
  private static func journal(_ before: Journal.State, _ after: Journal.State) -> StateFiles.Change {
    var to = Journal(after, from: "1.0.0", to: "1.1.0")
    to.reason = "why"
    return .journal(Journal(before, from: "1.0.0", to: "1.1.0"), to)
  }

  private static func state(
    _ before: (inout DeviceState) -> Void = { _ in }, _ change: (inout DeviceState) -> Void
  ) -> StateFiles.Change {
    var old = DeviceState(seed: "00")
    before(&old)
    var new = old
    change(&new)
    return .state(old, new)
  }

  private static func result(
    _ kind: String, at: String = "2026-11-22T10:00:00Z", code: Int32? = nil, _ message: String? = nil
  ) -> DeviceState.Result { .init(kind: kind, version: "1.1.0", at: at, code: code, message: message) }

  private static func halt(_ version: String) -> WaitingFor {
    WaitingFor(.halted, version: try? SemanticVersion(version), detail: "it fails")
  }

  static let rows: [(StateFiles.Change, [String])] = [
    (journal(.idle, .verified), []), (journal(.verified, .staged), ["staged"]), (journal(.staged, .staged), []),
    (journal(.staged, .switching), []), (journal(.switching, .proving), ["switched"]),
    (journal(.proving, .proving), []), (journal(.idle, .proving), []), (journal(.proving, .committed), []),
    (journal(.proving, .rollingBack), []), (journal(.rollingBack, .rolledBack), ["rolledBack"]),
    (journal(.rolledBack, .rolledBack), []), (journal(.committed, .idle), []), (journal(.rolledBack, .idle), []),
    (state { $0.health = "failing" }, []), (state { $0.lastCheck = "2026-11-22T10:00:00Z" }, []),
    (state { $0.lastResult = result("installed") }, ["installed"]),
    (state { $0.lastResult = result("installFailed", code: 42) }, ["installFailed"]),
    (state { $0.lastResult = result("committed") }, ["committed"]),
    (state { $0.lastResult = result("rollbackFailed", code: 41) }, ["rollbackFailed"]),
    (state { $0.lastResult = result("inconclusive", code: 40) }, ["inconclusive"]),
    (state { $0.lastResult = result("mended", "links") }, ["mended"]),
    (state { $0.lastResult = result("repaired") }, ["repaired"]),
    (state { $0.lastResult = result("rolledBack", code: 40) }, []),
    (state { $0.lastResult = result("applyFailed", code: 20) }, ["refused"]),
    (state { $0.lastResult = result("applyFailed", code: 22) }, ["refused"]),
    (state { $0.lastResult = result("applyFailed", code: 30) }, ["failed"]),
    (state({ $0.lastResult = result("committed") }) { $0.health = "passing" }, []),
    // The same failure at the next poll is one too: whether it is told again is the history's to say.
    (
      state({ $0.lastResult = result("applyFailed", code: 20, "a") }) {
        $0.lastResult = result("applyFailed", at: "2026-11-23T10:00:00Z", code: 20, "a")
      }, ["refused"]
    ),
    (
      state({ $0.lastResult = result("applyFailed", code: 20, "a") }) {
        $0.lastResult = result("applyFailed", code: 20, "b")
      }, ["refused"]
    ),
    (state { $0.condemn(.init(version: "1.1.0", tree: "aa", reason: "it fell", at: "")) }, ["knownBad"]),
    (
      state({ $0.condemn(.init(version: "1.1.0", tree: "aa", reason: "it fell", at: "")) }) {
        $0.condemn(.init(version: "1.1.0", tree: "aa", reason: "it fell again", at: ""))
      }, []
    ),
    (state { $0.waitingFor = [halt("1.1.0")] }, ["refused"]),
    (state({ $0.waitingFor = [halt("1.1.0")] }) { $0.waitingFor = [halt("1.1.0"), WaitingFor(.busy)] }, []),
    (state({ $0.waitingFor = [halt("1.1.0")] }) { $0.waitingFor = [halt("1.2.0")] }, ["refused"]),
    (state { $0.waitingFor = [WaitingFor(.blocked)] }, ["refused"]),
    (state { $0.waitingFor = [WaitingFor(.window), WaitingFor(.knownBad), WaitingFor(.percent)] }, []),
    (state { ($0.rescueRestarts, $0.rescueAt) = (1, 100) }, ["rescued"]),
    (state({ ($0.rescueRestarts, $0.rescueAt) = (1, 100) }) { ($0.rescueRestarts, $0.rescueAt) = (2, 130) }, []),
    (
      state({ ($0.rescueRestarts, $0.rescueAt) = (1, 100) }) { ($0.rescueRestarts, $0.rescueAt) = (1, 9000) },
      ["rescued"]
    ),
  ]

  @Test(arguments: rows.indices) func aChangeIsTold(row: Int) {
    let (change, kinds) = Self.rows[row]
    #expect(Event.told(by: change).map(\.kind) == kinds, "row \(row)")
  }

  @Test func whatIsDoneAgainAfterAnInterruptionIsNotToldAgain() {
    let (a, b, c) = (Event(.staged, version: "1"), Event(.knownBad, version: "2"), Event(.switched, version: "3"))
    func told(at: String, _ event: Event) -> Event {
      var event = event
      (event.at, event.number, event.by) = (at, 7, "anna")
      return event
    }
    let past = [c, a, b].map { told(at: "2026-11-22T10:00:00Z", $0) }
    #expect(History.untold([a, b], after: past).isEmpty)
    #expect(History.untold([a, b, c], after: past) == [c])
    #expect(History.untold([b, c], after: past) == [c])
    #expect(History.untold([c], after: past) == [c])
    #expect(History.untold([a], after: past) == [a])
    #expect(History.untold([a, b], after: []) == [a, b])
  }

  @Test func whatOthersSayIsInOneLineAndHasNoPasswords() {
    let event = Event(.refused, reason: "https://anna:secret@example.com/x\u{1B}[31m\nMESSAGE=forged")
    #expect(event.reason?.utf8.contains(10) == false && event.reason?.utf8.contains(27) == false)
    #expect(event.reason?.contains("secret") == false && event.sentence.contains("***@example.com"))
  }

  /// The table in the documentation, row by row.
  @Test func theDocumentedTableIsTheOneThatIsSent() throws {
    let docs = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent().appending(
      "docs")
    let text = String(
      decoding: try #require(try Directory.open(docs).read("events.md", limit: 1 << 20)), as: UTF8.self)
    let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { line in
      line.split(separator: "|").map { $0.filter { !" `".contains($0) } }
    }.filter { $0.count >= 3 && $0[1].count == 32 }
    #expect(
      rows.map { "\($0[0]) \($0[1]) \($0[2])" } == EventKind.allCases.map { "\($0) \($0.messageID) \($0.priority)" })
    #expect(Set(EventKind.allCases.map(\.messageID)).count == EventKind.allCases.count)
    for kind in EventKind.allCases { #expect(kind.messageID.wholeMatch(of: /[0-9a-f]{32}/) != nil) }
  }
}
