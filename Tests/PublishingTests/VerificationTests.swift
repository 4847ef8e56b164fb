import Foundation
import Posix
import Publishing
import SystemPackage
import Testing

@Suite struct VerificationTests {
  @Test func aRepositoryInOrderHasNoProblems() async throws {
    let workshop = try Workshop.prepared()
    let report = try await verify(workshop)
    #expect(report.problems == [])
    #expect(report.roles == 6)
    #expect(report.targets == 5)
  }

  @Test(arguments: [".tar.zst", ".tree.json", ".product.json", ".policy.json", ".stable.json"])
  func aChangedTargetIsReported(_ suffix: String) async throws {
    let workshop = try Workshop.prepared()
    let file = try #require(try workshop.contents(workshop.repository).keys.first { $0.hasSuffix(suffix) })
    var bytes = try workshop.read("repo/\(file)")
    bytes[bytes.count / 2] ^= 1
    try Data(bytes).write(to: URL(fileURLWithPath: workshop.repository.appending(file).string))
    let report = try await verify(workshop)
    #expect(report.problems.map(\.kind) == [.damaged])
  }

  @Test(arguments: ["1.root.json", "2.targets.json", "1.room-agent.json", "timestamp.json", "3.snapshot.json"])
  func aChangedSignedByteIsReported(_ name: String) async throws {
    let workshop = try Workshop.prepared()
    let text = String(decoding: try workshop.read("repo/metadata/\(name)"), as: UTF8.self)
    let forged = text.replacingOccurrences(of: "\"expires\": \"20", with: "\"expires\": \"21")
    #expect(forged != text)
    try workshop.write(forged, workshop.repository.appending("metadata/\(name)"))
    #expect(try await verify(workshop).problems.contains { $0.kind == .untrusted })
  }

  @Test func aKeyThatNobodyCanSignWithIsReported() async throws {
    let workshop = try Workshop.prepared()
    let name = "1.root.json"
    let text = String(decoding: try workshop.read("repo/metadata/\(name)"), as: UTF8.self)
    let forged = text.replacingOccurrences(of: "\"scheme\": \"ed25519\"", with: "\"scheme\": \"ed25519-new\"")
    #expect(forged != text)
    try workshop.write(forged, workshop.repository.appending("metadata/\(name)"))
    let problems = try await verify(workshop).problems
    #expect(problems.contains { $0.kind == .inconsistent && $0.place == "root" && $0.message.contains("nobody can") })
    #expect(try RepositoryStatus(of: workshop.repository, now: 0).roles.first { $0.role == "root" }?.keys == [])
  }

  /// What another tool has published, or an older version of this one: neither overlooked nor lost.
  @Test func aTargetWithoutASHA256IsReportedAndItsFileKept() async throws {
    let workshop = try Workshop.prepared()
    try workshop.publishUnchecked { $0.replacing("\"sha256\"", with: "\"sha512\"") }
    let problems = try await verify(workshop).problems
    #expect(problems.map(\.kind) == [.damaged] && problems.map(\.place) == ["room-agent"], "\(problems)")
    let before = try workshop.contents(workshop.repository)
    let web = workshop.path.appending("www")
    #expect(throws: PublishingError(.damaged, "")) {
      try Pruning(grace: 0).run(repository: workshop.repository, now: HostClock.wallSeconds())
    }
    await #expect(throws: PublishingError(.damaged, "")) {
      try await Publication(to: web, now: HostClock.wallSeconds()).run(repository: workshop.repository)
    }
    #expect(!FileManager.default.fileExists(atPath: web.appending("metadata/timestamp.json").string))
    #expect(try workshop.contents(workshop.repository) == before)
  }

  @Test func whatAPublishedRoleSaysBeyondItsProductIsReported() async throws {
    let workshop = try Workshop.prepared()
    let name = "products/door-sign/policy.json"
    try workshop.publishUnchecked { $0.replacing("products/room-agent/policy.json", with: name) }
    #expect(try await verify(workshop).problems.contains { $0.kind == .untrusted && $0.place == name })
    // Nothing is added to it either.
    try workshop.proposeRenewal(of: "room-agent", days: 100)
    #expect(throws: PublishingError(.invalidInput, "")) { try workshop.sign("change", ["room-agent/room-agent-1.pem"]) }
  }

  @Test func aProductsRoleThatDelegatesIsReported() async throws {
    let workshop = try Workshop.prepared()
    try workshop.publishUnchecked {
      $0.replacing(
        "\"targets\": {", with: "\"delegations\": { \"keys\": {}, \"roles\": [] }, \"targets\": {")
    }
    let problems = try await verify(workshop).problems
    #expect(problems.map(\.kind) == [.untrusted] && problems.map(\.place) == ["room-agent"], "\(problems)")
  }

  @Test func everythingExpiredIsListedAndNothingElse() async throws {
    let workshop = try Workshop.prepared()
    let report = try await Verification(now: HostClock.wallSeconds() + 8 * 86_400).run(repository: workshop.repository)
    #expect(report.problems.map(\.kind) == [.expired, .expired])
    #expect(report.problems.map(\.place) == ["snapshot", "timestamp"])
  }

  @Test func statusWarnsAhead() throws {
    let workshop = try Workshop.prepared()
    func expiry(_ role: String, hoursLater: Int64) throws -> String? {
      let status = try RepositoryStatus(of: workshop.repository, now: HostClock.wallSeconds() + hoursLater * 3_600)
      return status.roles.first { $0.role == role }?.expiry
    }
    #expect(try expiry("timestamp", hoursLater: 1) == "fresh")
    #expect(try expiry("timestamp", hoursLater: 20) == "soon")
    #expect(try expiry("timestamp", hoursLater: 25) == "expired")
    #expect(try expiry("root", hoursLater: 24 * 200) == "fresh")
    #expect(try expiry("root", hoursLater: 24 * 350) == "soon")
  }

  private func verify(_ workshop: Workshop) async throws -> Verification.Report {
    try await Verification(now: HostClock.wallSeconds()).run(repository: workshop.repository)
  }
}
