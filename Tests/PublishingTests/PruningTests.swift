import Foundation
import Posix
import Publishing
import SystemPackage
import TUF
import Testing

@Suite struct PruningTests {
  private let day: Int64 = 86_400

  @Test func nothingThatIsReferencedIsEverUnreferenced() async throws {
    let workshop = try Workshop.prepared()
    let result = try Pruning(grace: 1).run(repository: workshop.repository, now: HostClock.wallSeconds())
    // The states before the last one; their roots stay.
    #expect(result.waiting.allSatisfy { $0.hasPrefix("metadata/") && !$0.hasSuffix(".root.json") })
    #expect(result.removed.isEmpty)
  }

  @Test func whatIsReplacedGoesAfterTheGracePeriodAndNotBefore() async throws {
    let workshop = try Workshop.prepared()
    let now = HostClock.wallSeconds()
    let old = try workshop.contents(workshop.repository)
    let reader = MemoryStore()
    try Client.initialize(reader, root: try workshop.read("repo/metadata/1.root.json"))
    try workshop.promote("1.0.0", percent: 10)
    func prune(_ at: Int64) throws -> Pruning.Result {
      try Pruning(grace: 14 * day).run(repository: workshop.repository, now: at)
    }
    #expect(try prune(now).removed.isEmpty)
    #expect(try prune(now + 13 * day).removed.isEmpty)
    // A client that read the state before still finds all of it.
    for (name, bytes) in old where name != "metadata/timestamp.json" {
      #expect(try workshop.read("repo/\(name)") == bytes)
    }
    let last = try prune(now + 14 * day)
    #expect(last.removed.contains { $0.hasSuffix(".stable.json") })
    #expect(last.removed.contains("metadata/3.snapshot.json"))
    #expect(!last.removed.contains { $0.hasSuffix(".root.json") } && last.waiting.isEmpty && last.freed > 0)
    try await workshop.expectOrder()
    #expect(try prune(now + 15 * day).removed.isEmpty)
  }

  @Test func aClockThatJumpsAheadAndBackShortensNothing() throws {
    let workshop = try Workshop.prepared()
    let now = HostClock.wallSeconds()
    try workshop.promote("1.0.0", percent: 10)
    _ = try Pruning(grace: 14 * day).run(repository: workshop.repository, now: now + 100 * day)
    _ = try Pruning(grace: 14 * day).run(repository: workshop.repository, now: now)
    #expect(try Pruning(grace: 14 * day).run(repository: workshop.repository, now: now + 13 * day).removed.isEmpty)
  }

  @Test func whatIsNamedAgainInBetweenBeginsAnew() throws {
    let workshop = try Workshop.prepared()
    let now = HostClock.wallSeconds()
    func prune(_ at: Int64) throws -> Pruning.Result {
      try Pruning(grace: 14 * day).run(repository: workshop.repository, now: at)
    }
    try workshop.promote("1.0.0", percent: 10)
    let channel = try #require(try prune(now).waiting.first { $0.hasSuffix(".stable.json") })
    // The same channel again, and away from it once more, without a run in between.
    try workshop.promote("1.0.0", percent: 100)
    try workshop.promote("1.0.0", percent: 10)
    let later = try prune(now + 14 * day)
    #expect(later.waiting.contains(channel) && !later.removed.contains(channel))
    #expect(try prune(now + 28 * day).removed.contains(channel))
  }

  @Test func aProposalsTargetsStay() async throws {
    let workshop = try Workshop.prepared()
    try workshop.pack("1.1.0", signing: workshop.signing(files: ["room-agent/room-agent-1.pem"], proposal: "change"))
    let now = HostClock.wallSeconds()
    for time in [now, now + 20 * day] {
      _ = try Pruning(grace: 14 * day, proposals: [workshop.path.appending("change")])
        .run(repository: workshop.repository, now: time)
    }
    #expect(try workshop.sign("change", ["online/snapshot-1.pem", "online/timestamp-1.pem"])?.isPublished == true)
    try await workshop.expectOrder()
  }

  @Test func aDryRunChangesNothing() throws {
    let workshop = try Workshop.prepared()
    let now = HostClock.wallSeconds()
    _ = try Pruning(grace: 1).run(repository: workshop.repository, now: now)
    let before = try workshop.contents(workshop.repository)
    let result = try Pruning(grace: 1, isDry: true).run(repository: workshop.repository, now: now + day)
    #expect(!result.removed.isEmpty)
    #expect(try workshop.contents(workshop.repository) == before)
  }

  @Test func aPrunedRepositoryIsStillPublished() async throws {
    let workshop = try Workshop.prepared()
    let web = workshop.path.appending("web")
    _ = try await Publication(to: web, now: HostClock.wallSeconds()).run(repository: workshop.repository)
    try workshop.promote("1.0.0", percent: 10)
    for time in [0, day] {
      _ = try Pruning(grace: 1).run(repository: workshop.repository, now: HostClock.wallSeconds() + time)
    }
    _ = try await Publication(to: web, now: HostClock.wallSeconds()).run(repository: workshop.repository)
    let problems = try await Verification(now: HostClock.wallSeconds()).run(repository: web).problems
    #expect(problems == [])
  }
}
