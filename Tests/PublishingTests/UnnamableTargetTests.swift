import Cryptography
import Foundation
import Posix
import Publishing
import SystemPackage
import Testing

@testable import TUF

/// Files are named by their SHA-256. What is listed without one has no file that anybody could find.
@Suite struct UnnamableTargetTests {
  private let policy = "products/room-agent/policy.json"

  @Test(arguments: ["sha512", "blake9"]) func aTargetWithoutSHA256IsOverlookedByNobody(_ algorithm: String) async throws
  {
    let workshop = try Workshop.prepared()
    let now = HostClock.wallSeconds()
    let web = workshop.path.appending("web")
    _ = try await Publication(to: web, now: now).run(repository: workshop.repository)
    let published = try workshop.contents(web)
    try relist(by: algorithm, in: workshop, now: now)
    let before = try workshop.contents(workshop.repository)

    // Verification goes on after a fault, and tells it among the others.
    let report = try await Verification(now: now).run(repository: workshop.repository)
    #expect(report.problems.contains { $0.kind == .damaged && $0.place == "room-agent" && $0.message.contains(policy) })
    try await expectRefusal { _ = try await Publication(to: web, now: now).run(repository: workshop.repository) }
    // Overlooked, the policy's file would be one that nobody needs, and gone at once.
    try await expectRefusal { _ = try Pruning(grace: 0).run(repository: workshop.repository, now: now) }
    #expect(try workshop.contents(web) == published)
    #expect(try workshop.contents(workshop.repository) == before)
  }

  private func expectRefusal(_ body: () async throws -> Void) async throws {
    let failure = try #require(await #expect(throws: PublishingError(.damaged, "")) { try await body() })
    #expect(failure.message.contains("'room-agent'") && failure.message.contains(policy))
    #expect(failure.remedy != nil)
  }

  /// Publishes the product's role anew, rightly signed, with the policy's true digest by `algorithm` (SHA-512's under an
  /// unknown name) in the place of its SHA-256.
  private func relist(by algorithm: String, in workshop: Workshop, now: Int64) throws {
    let file = try #require(try workshop.contents(workshop.repository).first { $0.key.hasSuffix(".policy.json") })
    let digest = Hex.encode(try Digest.of(file.value, .sha512))
    var editor = try workshop.editor()
    try #require(try editor.targets("room-agent").files[policy] != nil)
    try editor.edit("room-agent") {
      $0["targets"]?[policy]?["hashes"] = .object([algorithm: .string(digest)])
    }
    var reader = workshop.signing().reader
    let keys = try ["room-agent/room-agent-1.pem", "online/snapshot-1.pem", "online/timestamp-1.pem"].map {
      try reader.read(workshop.keys.appending($0))
    }
    try editor.finish(snapshotExpires: now + 7 * 86_400, timestampExpires: now + 86_400, issued: now, keys: keys)
    for file in try editor.files() {
      let place = workshop.repository.appending("metadata").appending(file.name)
      try workshop.write(String(decoding: file.bytes, as: UTF8.self), place)
    }
  }
}
