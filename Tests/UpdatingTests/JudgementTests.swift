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

  /// How boots before the last ended, and whether the probe had passed in each.
  struct Boots: Sendable {
    let text: String
    let rollsBack: Bool
    init(_ text: String, rollsBack: Bool) { (self.text, self.rollsBack) = (text, rollsBack) }
  }

  /// A letter a boot: p passed, d dead; capital where it ended without a shutdown.
  static let boots = [
    Boots("p", rollsBack: false), Boots("P", rollsBack: false), Boots("PP", rollsBack: false),
    Boots("PPP", rollsBack: true), Boots("PppPppppP", rollsBack: true), Boots("pppppppppppp", rollsBack: false),
    Boots("d", rollsBack: false), Boots("dd", rollsBack: false), Boots("ddd", rollsBack: true),
    Boots("dpdpd", rollsBack: true), Boots("DPp", rollsBack: false), Boots("DPd", rollsBack: false),
    Boots("DDp", rollsBack: false), Boots("DDP", rollsBack: true), Boots("DDd", rollsBack: true),
  ]

  @Test(arguments: boots) func theThirdDeadOrUncleanBootRollsBack(_ row: Boots) {
    var probation = Probation(boot: "0", now: 0)
    var verdict = Judgement.goOn
    for (number, letter) in row.text.enumerated() {
      #expect(verdict == .goOn, "boot \(number)")
      probation.latestPass = letter.lowercased() == "p" ? 5 : nil
      (verdict, probation) = Judgement.enter(
        probation, boot: "\(number + 1)", now: 3, endedInOrder: letter.isLowercase)
    }
    if case .rollBack = verdict { #expect(row.rollsBack) } else { #expect(!row.rollsBack) }
    #expect(probation.bootStart == 3)
  }

  @Test func aBootThatIsEnteredTwiceCountsOnce() {
    var probation = Probation(boot: "a", now: 0)
    for _ in 0..<9 { probation = Judgement.enter(probation, boot: "b", now: 1, endedInOrder: false).1 }
    #expect(probation.uncleanBoots == 1)
    #expect(probation.deadBoots == 1)
  }

  @Test func aSlowBootGetsTheWholeDeadlineFromItsFirstLook() {
    var probation = Judgement.enter(Probation(boot: "a", now: 0), boot: "b", now: 0, endedInOrder: true).1
    var ends: [Int64] = []
    for at in stride(from: Int64(55), through: 200, by: 10) {
      let look = Observation(
        boot: "b", now: at * Self.second, units: [.init(name: "p-agent.service", failed: false, process: nil)],
        probePasses: false, updaterFault: nil)
      let (verdict, next) = Judgement.judge(
        probation, look, rules: .init(probation: 600 * Self.second, deadline: 60 * Self.second))
      probation = next
      if case .rollBack = verdict { ends.append(at) }
    }
    #expect(ends.first == 115)
  }

  /// A device that is rebooted every eight minutes has its ten minutes in the second boot.
  @Test(arguments: [true, false]) func rebootedEveryEightMinutesItStillCommits(cleanly: Bool) {
    var probation = Probation(boot: "0", now: 0)
    var commit: String?
    for boot in 0..<3 where commit == nil {
      if boot > 0 {
        let (verdict, next) = Judgement.enter(probation, boot: "\(boot)", now: 4, endedInOrder: cleanly)
        #expect(verdict == .goOn)
        probation = next
      }
      for at in stride(from: Int64(30), through: 480, by: 10) where commit == nil {
        let look = Observation(
          boot: "\(boot)", now: at * Self.second,
          units: [.init(name: "p-agent.service", failed: false, process: .init(pid: 9, invocation: "\(boot)"))],
          probePasses: true, updaterFault: nil)
        let (verdict, next) = Judgement.judge(
          probation, look, rules: .init(probation: 600 * Self.second, deadline: 60 * Self.second))
        probation = next
        if verdict == .commit { commit = "boot \(boot), second \(at)" }
      }
    }
    #expect(commit == "boot 1, second 180")
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
