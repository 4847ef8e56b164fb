import Product
import Testing

/// A device on 1.4.0, offered 1.5.0, with releases 1.0.0 to 1.6.0 signed and listed; each row changes something.
@Suite struct DecisionTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let name: String
    let outcome: Decision.Outcome
    let reasons: [WaitingFor.Reason]
    let change: @Sendable (inout Situation) -> Void
    var testDescription: String { name }

    init(
      _ name: String, _ outcome: Decision.Outcome, _ reasons: [WaitingFor.Reason] = [],
      _ change: @escaping @Sendable (inout Situation) -> Void = { _ in }
    ) {
      self.name = name
      self.outcome = outcome
      self.reasons = reasons
      self.change = change
    }
  }

  static let now = Timestamp(seconds: 1_795_341_600)
  static func v(_ minor: UInt64, _ patch: UInt64 = 0) -> SemanticVersion { SemanticVersion(1, minor, patch) }
  static let forged = SemanticVersion(999, 0, 0)

  static func base() throws -> Situation {
    let versions = (0...6).map { v($0) }
    var trees: [SemanticVersion: [Platform: String]] = [:]
    for version in versions { trees[version] = [.linuxX86_64: "tree \(version)", .linuxAArch64: "arm \(version)"] }
    return Situation(
      platform: .linuxX86_64, installed: v(4), updater: v(4),
      policy: Policy(id: try ProductID("room-agent"), releases: versions), releases: SignedReleases(trees: trees),
      offer: Channel.Offer(version: v(5)), bucket: 50, now: now)
  }

  static func halt(_ version: SemanticVersion, rollBack: Bool = false) -> Channel.Halt {
    Channel.Halt(version: version, reason: "crashes", rollBack: rollBack)
  }

  static func tried(_ version: SemanticVersion, _ attempts: Int, hoursAgo: Int64, tree: String? = nil) -> Inconclusive {
    Inconclusive(
      version: version, tree: tree ?? "tree \(version)", attempts: attempts,
      lastAttempt: Timestamp(seconds: now.seconds - hoursAgo * 3_600))
  }

  static func check(_ rows: Row) throws {
    var situation = try base()
    rows.change(&situation)
    let decision = Decision.choose(in: situation)
    #expect(decision.outcome == rows.outcome)
    #expect(decision.waitingFor.map(\.reason) == rows.reasons, "\(decision.waitingFor)")
  }

  static let offers: [Row] = [
    Row("a newer offer is taken", .update(to: v(5))),
    Row("the same version is nothing new", .upToDate) { $0.offer?.version = v(4) },
    Row("an older offer is no news", .upToDate) { $0.offer?.version = v(3) },
    Row("no offer for this platform", .upToDate) { $0.offer = nil },
    Row("versions in between may be skipped", .update(to: v(6))) { $0.offer?.version = v(6) },
    Row("a release follows its own pre-release", .update(to: v(5))) {
      $0.installed = SemanticVersion("1.5.0-rc.1", else: v(4))
    },
    Row("nothing is decided during a change", .changing(to: v(5))) {
      $0.changingTo = v(5); $0.policy.blocked = [v(4)]
    },
    Row("not signed", .refused(v(7), .notSigned)) {
      $0.offer?.version = v(7); $0.policy.releases.append(v(7))
    },
    Row("signed, but not listed", .refused(v(5), .notListed)) { $0.policy.releases.removeAll { $0 == v(5) } },
    Row("signed for another platform only", .refused(v(5), .notForThisPlatform)) {
      $0.releases = SignedReleases(trees: [v(5): [.linuxAArch64: "arm"]])
    },
    Row("below the floor", .refused(v(5), .belowFloor), [.blocked]) { $0.policy.floor = v(6) },
    Row("at the floor", .update(to: v(5))) { $0.policy.floor = v(5) },
    Row("an older version below the floor is refused too", .refused(v(1), .belowFloor), [.blocked]) {
      $0.offer?.version = v(1); $0.policy.floor = v(2); $0.policy.blocked = [v(4)]; $0.policy.releases = [v(1), v(4)]
    },
    Row("--force does not lift a refusal", .refused(v(5), .notListed)) {
      $0.policy.releases = [v(4)]; $0.request = .force
    },
    Row("the installed version is older than the floor", .stay, [.blocked]) {
      $0.policy.floor = v(5); $0.offer?.version = v(4)
    },
    Row("from below the floor to above it", .update(to: v(5))) { $0.policy.floor = v(5) },
  ]
  @Test(arguments: offers) func offersAreTakenOrRefused(_ row: Row) throws { try DecisionTests.check(row) }

  static let rollout: [Row] = [
    Row("bucket at the percentage waits", .stay, [.percent]) { $0.offer?.percent = 50 },
    Row("bucket below the percentage goes", .update(to: v(5))) { $0.offer?.percent = 51 },
    Row("0 percent admits nobody", .stay, [.percent]) {
      $0.offer?.percent = 0; $0.bucket = 0
    },
    Row("100 percent admits everybody", .update(to: v(5))) { $0.bucket = 99 },
    Row("--now passes percent", .update(to: v(5))) {
      $0.offer?.percent = 0; $0.request = .now
    },
    Row("another ring waits", .stay, [.ring]) {
      $0.offer?.rings = ["early"]; $0.rings = ["late"]
    },
    Row("no ring waits", .stay, [.ring]) { $0.offer?.rings = ["early"] },
    Row("in one of the rings", .update(to: v(5))) {
      $0.offer?.rings = ["early", "test"]; $0.rings = ["test"]
    },
    Row("--now does not pass a ring", .stay, [.ring]) {
      $0.offer?.rings = ["early"]; $0.request = .now
    },
    Row("before not-before", .stay, [.notBefore]) { $0.offer?.notBefore = Timestamp(seconds: now.seconds + 1) },
    Row("at not-before", .update(to: v(5))) { $0.offer?.notBefore = now },
    Row("--now passes not-before", .update(to: v(5))) {
      $0.offer?.notBefore = Timestamp(seconds: now.seconds + 1); $0.request = .now
    },
    Row("all gates are named", .stay, [.percent, .ring, .notBefore]) {
      $0.offer?.percent = 1; $0.offer?.rings = ["x"]; $0.offer?.notBefore = Timestamp(seconds: now.seconds + 9)
    },
    Row("halted", .stay, [.halted]) { $0.offer?.halts = [halt(v(5))] },
    Row("halted, whoever asks", .stay, [.halted]) {
      $0.offer?.halts = [halt(v(5))]; $0.request = .force
    },
    Row("another version's halt does not matter", .update(to: v(5))) { $0.offer?.halts = [halt(v(3))] },
    Row("the installed one is halted, the next is out", .update(to: v(5))) { $0.offer?.halts = [halt(v(4))] },
    Row("halted without roll-back stays", .stay, [.halted]) {
      $0.offer?.halts = [halt(v(4))]; $0.offer?.version = v(4)
    },
    Row("blocked", .stay, [.blocked]) { $0.policy.blocked = [v(5)] },
    Row("blocked, whoever asks", .stay, [.blocked]) {
      $0.policy.blocked = [v(5)]; $0.request = .force
    },
    Row("halted and blocked", .stay, [.halted, .blocked]) {
      $0.policy.blocked = [v(5)]; $0.offer?.halts = [halt(v(5))]
    },
  ]
  @Test(arguments: rollout) func theRolloutHoldsBack(_ row: Row) throws { try DecisionTests.check(row) }

  static let experience: [Row] = [
    Row("known-bad here", .stay, [.knownBad]) { $0.knownBad = [KnownBad(version: v(5), tree: "tree 1.5.0")] },
    Row("known-bad, whoever asks", .stay, [.knownBad]) {
      $0.knownBad = [KnownBad(version: v(5), tree: "tree 1.5.0")]; $0.request = .force
    },
    Row("packed anew under the same number", .update(to: v(5))) {
      $0.knownBad = [KnownBad(version: v(5), tree: "old")]
    },
    Row("known-bad elsewhere", .update(to: v(5))) { $0.knownBad = [KnownBad(version: v(3), tree: "tree 1.3.0")] },
    Row("inconclusive once, less than 1 h ago", .stay, [.inconclusive]) {
      $0.inconclusive = [tried(v(5), 1, hoursAgo: 0)]
    },
    Row("inconclusive once, 1 h ago", .update(to: v(5))) { $0.inconclusive = [tried(v(5), 1, hoursAgo: 1)] },
    Row("inconclusive twice, 5 h ago", .stay, [.inconclusive]) { $0.inconclusive = [tried(v(5), 2, hoursAgo: 5)] },
    Row("inconclusive twice, 6 h ago", .update(to: v(5))) { $0.inconclusive = [tried(v(5), 2, hoursAgo: 6)] },
    Row("inconclusive often, 23 h ago", .stay, [.inconclusive]) { $0.inconclusive = [tried(v(5), 9, hoursAgo: 23)] },
    Row("inconclusive often, 24 h ago", .update(to: v(5))) { $0.inconclusive = [tried(v(5), 9, hoursAgo: 24)] },
    Row("inconclusive under a clock that was wrong", .update(to: v(5))) {
      $0.inconclusive = [tried(v(5), 3, hoursAgo: -100_000)]
    },
    Row("inconclusive, and a person asks", .update(to: v(5))) {
      $0.inconclusive = [tried(v(5), 1, hoursAgo: 0)]; $0.request = .now
    },
    Row("inconclusive with another tree", .update(to: v(5))) {
      $0.inconclusive = [tried(v(5), 1, hoursAgo: 0, tree: "old")]
    },
    Row("left by hand", .stay, [.pin]) { $0.avoided = [v(5)] },
    Row("left by hand, with --force", .update(to: v(5))) {
      $0.avoided = [v(5)]; $0.request = .force
    },
    Row("left by hand, and the next is out", .update(to: v(6))) {
      $0.avoided = [v(5)]; $0.offer?.version = v(6)
    },
    Row("updates off", .stay, [.updatesOff]) { $0.updatesOn = false },
    Row("updates off beside the rollout's gates", .stay, [.percent, .ring, .updatesOff]) {
      $0.updatesOn = false; $0.offer = Channel.Offer(version: v(5), percent: 0, rings: ["early"])
    },
    Row("updates off beside a halt of what is offered", .stay, [.halted, .updatesOff]) {
      $0.updatesOn = false; $0.offer?.halts = [halt(v(5))]
    },
    Row("updates off keeps nothing away where nothing is offered", .stay, [.halted]) {
      $0.updatesOn = false; $0.offer = Channel.Offer(version: v(4), halts: [halt(v(4))])
    },
    Row("updates off with nothing new", .upToDate) {
      $0.updatesOn = false; $0.offer = nil
    },
    Row("updates off, and a person asks", .update(to: v(5))) {
      $0.updatesOn = false; $0.request = .now
    },
    Row("updates off holds against a block", .stay, [.updatesOff]) {
      $0.updatesOn = false; $0.policy.blocked = [v(4)]
    },
    Row("updates off holds against roll-back", .stay, [.updatesOff]) {
      $0.updatesOn = false; $0.offer = Channel.Offer(version: v(4), halts: [halt(v(4), rollBack: true)])
    },
  ]
  @Test(arguments: experience) func experienceAndWishesHoldBack(_ row: Row) throws { try DecisionTests.check(row) }

  static let steps: [Row] = [
    Row("updater new enough", .update(to: v(5))) { $0.policy.minimumUpdater = v(4) },
    Row("updater too old, no way round", .stay, [.minimumUpdater]) { $0.policy.minimumUpdater = v(5) },
    Row("the stepping stone first", .update(to: v(5)), [.minimumUpdater]) {
      $0.policy.minimumUpdater = v(5); $0.policy.via = v(5); $0.offer?.version = v(6)
    },
    Row("the stepping stone itself needs nothing", .update(to: v(5))) {
      $0.policy.minimumUpdater = v(5); $0.policy.via = v(5)
    },
    Row("already past the stepping stone", .stay, [.minimumUpdater]) {
      $0.policy.minimumUpdater = v(5); $0.policy.via = v(4); $0.offer?.version = v(6)
    },
    Row("the stepping stone is blocked", .stay, [.minimumUpdater]) {
      $0.policy.minimumUpdater = v(5); $0.policy.via = v(5); $0.policy.blocked = [v(5)]; $0.offer?.version = v(6)
    },
    Row("the stepping stone is not signed", .stay, [.minimumUpdater]) {
      $0.policy.minimumUpdater = v(5); $0.policy.via = v(5, 5); $0.offer?.version = v(6)
    },
    Row("the stepping stone is known-bad", .stay, [.minimumUpdater]) {
      $0.policy.minimumUpdater = v(5); $0.policy.via = v(5); $0.offer?.version = v(6)
      $0.knownBad = [KnownBad(version: v(5), tree: "tree 1.5.0")]
    },
    Row("gates of the offer hold for its stepping stone", .stay, [.percent, .minimumUpdater]) {
      $0.policy.minimumUpdater = v(5); $0.policy.via = v(5); $0.offer?.version = v(6); $0.offer?.percent = 0
    },
  ]
  @Test(arguments: steps) func oldUpdatersGoByTheSteppingStone(_ row: Row) throws { try DecisionTests.check(row) }
}

extension SemanticVersion {
  init(_ text: String, else fallback: SemanticVersion) {
    self = (try? SemanticVersion(text)) ?? fallback
  }
}
