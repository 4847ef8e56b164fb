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
