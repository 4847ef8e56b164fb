import Installation
import Testing

@testable import Updating

/// A version on probation, seen look by look: times in seconds, 600 s of probation, a deadline of 60 s.
@Suite struct JudgementTests {
  struct Look: Sendable {
    var at: Int64
    var boot = "a"
    var passes = true
    var failed = false
    var process: Int32? = 100
    var fault: String?
  }

  enum End: Sendable, Equatable { case goOn, commit, rollBack }

  static let second: Int64 = 1_000_000_000

  /// Judges looks until one decides; returns the decision, the look it came at, and the probation.
  static func follow(_ looks: [Look]) -> (end: End, at: Int64?, probation: Probation) {
    var probation = Probation(boot: "a", now: 0)
    for look in looks {
      let observation = Observation(
        boot: look.boot, now: look.at * second,
        units: [
          .init(
            name: "p-agent.service", failed: look.failed,
            process: look.process.map { .init(pid: $0, invocation: "\(look.boot)-\($0)") })
        ], probePasses: look.passes, updaterFault: look.fault)
      let (verdict, next) = Judgement.judge(
        probation, observation, rules: .init(probation: 600 * second, deadline: 60 * second))
      probation = next
      switch verdict {
      case .goOn: continue
      case .commit: return (.commit, look.at, probation)
      case .rollBack: return (.rollBack, look.at, probation)
      }
    }
    return (.goOn, nil, probation)
  }

  @Test func commitsAfterTheWholeProbationAndNotBefore() {
    let result = Self.follow(stride(from: 10, through: 900, by: 10).map { Look(at: $0) })
    #expect(result.end == .commit)
    #expect(result.at == 610)
  }

  @Test func anUpdaterThatDoesNotAnswerIsRolledBackAtOnce() {
    #expect(Self.follow([Look(at: 10), Look(at: 20, fault: "hangs")]).end == .rollBack)
  }

  @Test func aFailedUnitIsRolledBackAtOnce() {
    #expect(Self.follow([Look(at: 10, passes: false, failed: true, process: nil)]).at == 10)
  }

  @Test func theThirdRestartRollsBackHoweverFarApart() {
    let looks = (0..<40).map { Look(at: Int64($0) * 10, process: 100 + Int32($0) / 3) }
    let result = Self.follow(looks)
    #expect(result.end == .rollBack)
    #expect(result.at == 90)
    #expect(result.probation.restarts == 3)
  }

  @Test func aRestartBeginsTheProbationAnew() {
    let looks = stride(from: 10, through: 2000, by: 10).map { Look(at: $0, process: $0 < 500 ? 100 : 101) }
    let result = Self.follow(looks)
    #expect(result.end == .commit)
    #expect(result.at == 1100)
  }

  @Test func aProbeThatNeverPassesIsGivenUpAtItsDeadline() {
    let result = Self.follow(stride(from: 10, through: 200, by: 10).map { Look(at: $0, passes: false) })
    #expect(result.end == .rollBack)
    #expect(result.at == 60)
  }

  @Test func aProbeThatDiesLaterGetsTheWholeDeadline() {
    let looks = stride(from: 10, through: 400, by: 10).map { Look(at: $0, passes: $0 <= 100) }
    #expect(Self.follow(looks).at == 160)
  }

  @Test func aDeviceRebootedEveryFewMinutesStillCommits() {
    // Five boots of 150 s, the clock of each beginning at nought.
    let looks = (0..<6).flatMap { boot in
      stride(from: 30, through: 150, by: 10).map { Look(at: Int64($0), boot: "boot\(boot)") }
    }
    #expect(Self.follow(looks).end == .commit)
  }

  @Test func threeBootsWithoutOnePassAreEnough() {
    let looks = ["a", "b", "c", "d"].flatMap { boot in
      [Look(at: 30, boot: boot, passes: false), Look(at: 40, boot: boot, passes: false)]
    }
    let result = Self.follow(looks)
    #expect(result.end == .rollBack)
    #expect(result.probation.deadBoots == 3)
  }

  @Test func aRebootIsNoRestartOfTheAgent() {
    let looks = [Look(at: 30), Look(at: 40), Look(at: 30, boot: "b", process: 7), Look(at: 40, boot: "b", process: 7)]
    #expect(Self.follow(looks).probation.restarts == 0)
  }

  @Test func timeBetweenAFailingAndAPassingLookDoesNotCount() {
    let result = Self.follow([Look(at: 10), Look(at: 20), Look(at: 30, passes: false), Look(at: 40), Look(at: 50)])
    #expect(result.probation.passed == 20 * Self.second)
  }
}
