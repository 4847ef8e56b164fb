import Product
import Testing

@Suite struct DecisionDowngradeTests {
  typealias Row = DecisionTests.Row
  static func v(_ minor: UInt64) -> SemanticVersion { SemanticVersion(1, minor, 0) }
  static let halt = DecisionTests.halt
  static let forged = DecisionTests.forged

  static let goingBack: [Row] = [
    Row("blocked, and the next is out", .update(to: v(5))) { $0.policy.blocked = [v(4)] },
    Row("blocked, and the next is gated", .downgrade(to: v(3), because: .blocked)) {
      $0.policy.blocked = [v(4)]; $0.offer?.percent = 0
    },
    Row("blocked without an offer", .downgrade(to: v(3), because: .blocked)) {
      $0.policy.blocked = [v(4)]; $0.offer = nil
    },
    Row("blocked, and the channel names where to", .downgrade(to: v(2), because: .blocked)) {
      $0.policy.blocked = [v(4)]; $0.offer?.version = v(2)
    },
    Row("leaving is no rollout", .downgrade(to: v(2), because: .blocked)) {
      $0.policy.blocked = [v(4)]; $0.offer = Channel.Offer(version: v(2), percent: 0, rings: ["early"])
    },
    Row("never to what is blocked too", .downgrade(to: v(1), because: .blocked)) {
      $0.policy.blocked = [v(4), v(3), v(2)]; $0.offer = nil
    },
    Row("never to what is known-bad", .downgrade(to: v(2), because: .blocked)) {
      $0.policy.blocked = [v(4)]; $0.offer = nil; $0.knownBad = [KnownBad(version: v(3), tree: "tree 1.3.0")]
    },
    Row("never to what is halted", .downgrade(to: v(2), because: .blocked)) {
      $0.policy.blocked = [v(4)]; $0.offer = Channel.Offer(version: v(4), halts: [halt(v(3), false)])
    },
    Row("never to what is not listed", .downgrade(to: v(0), because: .blocked)) {
      $0.policy.blocked = [v(4)]; $0.offer = nil; $0.policy.releases = [v(0), v(4), v(5)]
    },
    Row("never below the floor", .stay, [.blocked]) {
      $0.policy.blocked = [v(4)]; $0.offer = nil; $0.policy.floor = v(4)
    },
    Row("blocked with nowhere to go but a gated offer", .stay, [.percent, .blocked]) {
      $0.policy.blocked = [v(4)]; $0.policy.floor = v(4); $0.offer?.percent = 0
    },
    Row("a refused offer does not stop leaving", .downgrade(to: v(3), because: .blocked)) {
      $0.policy.blocked = [v(4)]; $0.offer?.version = forged
    },
    Row("a forged 999.0.0, once blocked, is left", .downgrade(to: v(5), because: .blocked)) {
      $0.installed = forged; $0.policy.blocked = [forged]
    },
    Row("a forged 999.0.0 that is not blocked stays", .upToDate) { $0.installed = forged },
    Row("halted with roll-back", .downgrade(to: v(3), because: .haltedWithRollBack)) {
      $0.offer = Channel.Offer(version: v(4), halts: [halt(v(4), true)])
    },
    Row("halted with roll-back, and the next is out", .update(to: v(5))) { $0.offer?.halts = [halt(v(4), true)] },
    Row("halted with roll-back to the channel's version", .downgrade(to: v(1), because: .haltedWithRollBack)) {
      $0.offer = Channel.Offer(version: v(1), halts: [halt(v(4), true)])
    },
    Row("halted with roll-back, never below the floor", .stay, [.halted]) {
      $0.offer = Channel.Offer(version: v(4), halts: [halt(v(4), true)]); $0.policy.floor = v(4)
    },
    Row("a roll-back of another version", .upToDate) {
      $0.offer = Channel.Offer(version: v(4), halts: [halt(v(6), true)])
    },
    Row("another channel, older, allowed", .downgrade(to: v(3), because: .channel)) {
      $0.offer?.version = v(3); $0.channelAllowsDowngrade = true
    },
    Row("another channel's gates hold", .stay, [.percent]) {
      $0.offer = Channel.Offer(version: v(3), percent: 0); $0.channelAllowsDowngrade = true
    },
    Row("another channel, below the floor", .refused(v(3), .belowFloor)) {
      $0.offer?.version = v(3); $0.channelAllowsDowngrade = true; $0.policy.floor = v(4)
    },
    Row("an older updater cannot come back past its minimum", .stay, [.minimumUpdater]) {
      $0.offer?.version = v(3); $0.channelAllowsDowngrade = true; $0.policy.minimumUpdater = v(5)
    },
  ]
  @Test(arguments: goingBack) func goingBackIsForBlockedAndHalted(_ row: Row) throws { try DecisionTests.check(row) }

  static let pins: [Row] = [
    Row("pinned to the installed version", .stay, [.pin]) { $0.pin = .init(v(4)) },
    Row("pinned with nothing new", .upToDate) {
      $0.pin = .init(v(4)); $0.offer?.version = v(4)
    },
    Row("a pin beside the rollout's gates", .stay, [.pin, .percent, .ring]) {
      $0.pin = .init(v(4)); $0.offer = Channel.Offer(version: v(5), percent: 0, rings: ["early"])
    },
    Row("a pin beside a known-bad version and updates off", .stay, [.pin, .knownBad, .updatesOff]) {
      $0.pin = .init(v(4)); $0.knownBad = [KnownBad(version: v(5), tree: "tree 1.5.0")]; $0.updatesOn = false
    },
    Row("a pin holds against a block", .stay, [.pin, .blocked]) {
      $0.pin = .init(v(4)); $0.policy.blocked = [v(4)]
    },
    Row("a pin holds against roll-back", .stay, [.pin, .halted]) {
      $0.pin = .init(v(4)); $0.offer = Channel.Offer(version: v(4), halts: [halt(v(4), true)])
    },
    Row("a pin yields to --force", .update(to: v(5))) {
      $0.pin = .init(v(4)); $0.request = .force
    },
    Row("a pin does not yield to --now", .stay, [.pin]) {
      $0.pin = .init(v(4)); $0.request = .now
    },
    Row("pinned to a newer version", .update(to: v(6))) { $0.pin = .init(v(6)) },
    Row("rollout gates do not hold for a pin", .update(to: v(5))) {
      $0.pin = .init(v(5)); $0.offer = Channel.Offer(version: v(5), percent: 0, rings: ["early"])
    },
    Row("pinned to what the channel does not offer", .update(to: v(6))) {
      $0.pin = .init(v(6)); $0.offer = nil
    },
    Row("pinned to a blocked version", .stay, [.blocked]) {
      $0.pin = .init(v(5)); $0.policy.blocked = [v(5)]
    },
    Row("pinned to a halted version", .stay, [.halted]) {
      $0.pin = .init(v(5)); $0.offer?.halts = [halt(v(5), false)]
    },
    Row("pinned to a known-bad version", .stay, [.knownBad]) {
      $0.pin = .init(v(5)); $0.knownBad = [KnownBad(version: v(5), tree: "tree 1.5.0")]
    },
    Row("pinned to what is not signed", .stay, [.pin]) { $0.pin = .init(SemanticVersion(1, 9, 0)) },
    Row("pinned below the floor", .stay, [.pin]) {
      $0.pin = .init(v(2), allowDowngrade: true); $0.policy.floor = v(3)
    },
    Row("pinned to an older version", .stay, [.pin]) { $0.pin = .init(v(3)) },
    Row("pinned to an older version, allowed", .downgrade(to: v(3), because: .pin)) {
      $0.pin = .init(v(3), allowDowngrade: true)
    },
    Row("pinned ahead by the stepping stone", .update(to: v(5)), [.minimumUpdater]) {
      $0.pin = .init(v(6)); $0.policy.minimumUpdater = v(5); $0.policy.via = v(5)
    },
    Row("updates off holds against a pin", .stay, [.updatesOff]) {
      $0.pin = .init(v(6)); $0.updatesOn = false
    },
    Row("an unsigned offer does not move a pinned device", .stay, [.pin]) {
      $0.pin = .init(v(4)); $0.offer?.version = forged
    },
  ]
  @Test(arguments: pins) func pinsAreTheDevicesOwnWish(_ row: Row) throws { try DecisionTests.check(row) }

  static let bundles: [Row] = [
    Row("first installation", .update(to: v(4))) {
      $0.installed = nil; $0.bundle = v(4); $0.offer = nil
    },
    Row("first installation of what is blocked", .stay, [.blocked]) {
      $0.installed = nil; $0.bundle = v(4); $0.policy.blocked = [v(4)]
    },
    Row("first installation below the floor", .refused(v(4), .belowFloor)) {
      $0.installed = nil; $0.bundle = v(4); $0.policy.floor = v(5)
    },
    Row("first installation of a foreign platform", .refused(v(4), .notForThisPlatform)) {
      $0.installed = nil; $0.bundle = v(4); $0.platform = Platform("linux-riscv64", else: .linuxX86_64)
    },
    Row("first installation without a bundle", .update(to: v(5))) { $0.installed = nil },
    Row("a newer bundle", .update(to: v(6))) {
      $0.bundle = v(6); $0.request = .now
    },
    Row("a bundle does not ask the rollout", .update(to: v(5))) {
      $0.bundle = v(5); $0.offer = Channel.Offer(version: v(4), percent: 0, rings: ["early"]); $0.request = .now
    },
    Row("an older bundle changes nothing", .upToDate) {
      $0.bundle = v(3); $0.request = .now
    },
    Row("an older bundle changes nothing by force", .upToDate) {
      $0.bundle = v(3); $0.request = .force
    },
    Row("the same bundle changes nothing", .upToDate) {
      $0.bundle = v(4); $0.request = .now
    },
    Row("a bundle of what is halted here", .stay, [.halted]) {
      $0.bundle = v(5); $0.offer?.halts = [halt(v(5), false)]; $0.request = .now
    },
    Row("a bundle of what is known-bad here", .stay, [.knownBad]) {
      $0.bundle = v(5); $0.knownBad = [KnownBad(version: v(5), tree: "tree 1.5.0")]; $0.request = .force
    },
    Row("a bundle against a pin", .stay, [.pin]) {
      $0.bundle = v(5); $0.pin = .init(v(4)); $0.request = .now
    },
    Row("a bundle of the pinned version", .update(to: v(5))) {
      $0.bundle = v(5); $0.pin = .init(v(5)); $0.request = .now
    },
    Row("a bundle of another version than the pinned", .stay, [.pin]) {
      $0.bundle = v(5); $0.pin = .init(v(6)); $0.request = .now
    },
    Row("an older bundle leads away from a blocked version", .downgrade(to: v(3), because: .blocked)) {
      $0.bundle = v(3); $0.policy.blocked = [v(4)]; $0.request = .now
    },
    Row("a bundle cannot fetch the stepping stone", .stay, [.minimumUpdater]) {
      $0.bundle = v(6); $0.policy.minimumUpdater = v(5); $0.policy.via = v(5); $0.request = .now
    },
  ]
  @Test(arguments: bundles) func bundlesAreChosenByTheOfflineRoleAlone(_ row: Row) throws {
    try DecisionTests.check(row)
  }

  /// Whatever a stolen rollout key writes: the target is signed, listed, not blocked, at or above the floor, and never
  /// older unless the version is blocked or halted here.
  @Test func noOfferLeadsOutsideWhatTheOfflineRoleAllows() throws {
    let versions = (0...6).map { DecisionDowngradeTests.v($0) } + [DecisionTests.forged, SemanticVersion(1, 4, 1)]
    for offered in versions {
      for halted in versions {
        for installed in versions {
          for request in Situation.Request.allCases {
            var situation = try DecisionTests.base()
            situation.installed = installed
            situation.policy.floor = SemanticVersion(1, 2, 0)
            situation.policy.blocked = [SemanticVersion(1, 5, 0)]
            situation.policy.releases.removeAll { $0 == SemanticVersion(1, 3, 0) }
            situation.request = request
            situation.offer = Channel.Offer(version: offered, halts: [DecisionTests.halt(halted, rollBack: true)])
            guard let target = Decision.choose(in: situation).target else { continue }
            #expect([2, 4, 6].map { SemanticVersion(1, $0, 0) }.contains(target), "\(offered) \(halted) \(installed)")
            #expect(target > installed || installed == halted || installed == SemanticVersion(1, 5, 0))
            #expect(target != halted)
          }
        }
      }
    }
  }
}

extension Platform {
  init(_ text: String, else fallback: Platform) { self = (try? Platform(text)) ?? fallback }
}
