import Foundation
import Posix
import Product
import Publishing
import SystemPackage
import TUF
import Testing

@Suite struct PublicationTests {
  @Test func publishedRepositoryIsAcceptedByAClient() async throws {
    let workshop = try Workshop.prepared()
    let web = try await publish(workshop)
    try await accept(web, workshop)
    #expect(
      try await Publication(to: web, now: HostClock.wallSeconds()).run(repository: workshop.repository).files == 0)
  }

  @Test func interruptedAtAnyFileReadersSeeTheOldStateAndTheNextRunCompletes() async throws {
    let workshop = try Workshop.prepared()
    let web = try await publish(workshop)
    let old = try workshop.contents(web)
    try workshop.pack("1.1.0")
    try workshop.promote("1.1.0")
    let full = workshop.path.appending("full")
    try FileManager.default.copyItem(atPath: web.string, toPath: full.string)
    _ = try await Publication(to: full, now: HostClock.wallSeconds()).run(repository: workshop.repository)
    // Whatever part of the new files is there, without the new timestamp the old state is what clients see.
    let new = try workshop.contents(full).filter { old[$0.key] != $0.value && !$0.key.hasSuffix("timestamp.json") }
    #expect(new.count > 5)
    for (count, name) in new.keys.sorted().enumerated() {
      try FileManager.default.createDirectory(
        atPath: web.appending(name).removingLastComponent().string, withIntermediateDirectories: true)
      try Data(new[name] ?? []).write(to: URL(fileURLWithPath: web.appending(name).string))
      if count % 4 == 0 { try await accept(web, workshop, version: "1.0.0") }
    }
    _ = try await Publication(to: web, now: HostClock.wallSeconds()).run(repository: workshop.repository)
    #expect(try workshop.contents(web) == workshop.contents(full))
    #expect(Set(old.keys).isSubset(of: try workshop.contents(web).keys))
    try await accept(web, workshop, version: "1.1.0")
  }

  @Test func aHalfCopiedTargetIsReplaced() async throws {
    let workshop = try Workshop.prepared()
    let web = try await publish(workshop)
    let whole = try workshop.contents(web)
    let archive = try #require(whole.keys.first { $0.hasSuffix(".tar.zst") })
    try workshop.write("half", web.appending(archive))
    _ = try await Publication(to: web, now: HostClock.wallSeconds()).run(repository: workshop.repository)
    #expect(try workshop.contents(web) == whole)
  }

  @Test func oneProductsExpiredRoleKeepsNoOtherFromBeingPublished() async throws {
    let workshop = try Workshop.prepared()
    let now = HostClock.wallSeconds()
    // Which lasts for 90 days.
    let then = workshop.signing(now: now - 100 * 86_400)
    _ = try Renewal(roles: ["room-agent-rollout"]).run(repository: workshop.repository, signing: then)
    _ = try Renewal(roles: ["snapshot", "timestamp"]).run(repository: workshop.repository, signing: workshop.signing())
    let web = workshop.path.appending("www/updates")
    let result = try await Publication(to: web, now: now).run(repository: workshop.repository)
    #expect(result.expired == ["room-agent-rollout"])
    #expect(result.files > 0)
    let warnings = try RepositoryStatus(of: workshop.repository, now: now).warnings
    #expect(
      warnings.first { $0.role == "room-agent-rollout" }?.message.contains("devices with room-agent take no") == true)
    let problems = try await Verification(now: now).run(repository: workshop.repository).problems
    #expect(problems.map(\.place) == ["room-agent-rollout"] && problems[0].message.contains("devices with room-agent"))
    await #expect(throws: TUFError.self) {
      try await Publication(to: web, now: now + 400 * 86_400).run(repository: workshop.repository)
    }
  }

  @Test func anOldCopyDoesNotOverwriteANewerState() async throws {
    let workshop = try Workshop.prepared()
    let stale = try Workshop(copying: workshop)
    _ = try Renewal().run(repository: workshop.repository, signing: workshop.signing())
    let web = try await publish(workshop)
    let before = try workshop.contents(web)
    await #expect(throws: PublishingError(.conflict, "")) {
      try await Publication(to: web, now: HostClock.wallSeconds()).run(repository: stale.repository)
    }
    #expect(try workshop.contents(web) == before)
  }

  @Test func anotherRepositoryIsNotOverwritten() async throws {
    let workshop = try Workshop.prepared()
    let other = try Workshop()
    try other.initialize()
    let web = try await publish(workshop)
    await #expect(throws: PublishingError(.conflict, "")) {
      try await Publication(to: web, now: HostClock.wallSeconds()).run(repository: other.repository)
    }
  }

  @Test func whatHasExpiredIsNotPublished() async throws {
    let workshop = try Workshop.prepared()
    let web = workshop.path.appending("web")
    await #expect(throws: TUFError(.expired, "")) {
      try await Publication(to: web, now: HostClock.wallSeconds() + 2 * 86_400).run(repository: workshop.repository)
    }
    #expect(!FileManager.default.fileExists(atPath: web.string))
  }

  private func publish(_ workshop: Workshop) async throws -> FilePath {
    let web = workshop.path.appending("www/updates")
    _ = try await Publication(to: web, now: HostClock.wallSeconds()).run(repository: workshop.repository)
    return web
  }

  private func accept(_ web: FilePath, _ workshop: Workshop, version: String = "1.0.0") async throws {
    let store = MemoryStore()
    try Client.initialize(store, root: try workshop.read("repo/metadata/1.root.json"))
    let source = DirectorySource(path: web.appending("metadata").string)
    var client = Client(source: source, store: store, now: HostClock.wallSeconds())
    let channel = try #require(try await client.target("products/room-agent/channels/stable.json"))
    let digest = try #require(channel.sha256)
    let file = web.appending("targets/products/room-agent/channels/\(digest.hex).stable.json")
    let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: file.string)))
    try channel.check(bytes)
    let parsed = try Channel.parse(bytes, for: try ProductID("room-agent"), channel: "stable")
    #expect(parsed.platforms.values.first?.version == (try SemanticVersion(version)))
    for target in try await client.targets(signedBy: "room-agent") {
      let digest = try #require(target.sha256)
      let path = FilePath(target.path)
      let name = "\(digest.hex).\(path.lastComponent?.string ?? "")"
      let place = web.appending("targets").appending(path.removingLastComponent().string).appending(name)
      try target.check(Array(try Data(contentsOf: URL(fileURLWithPath: place.string))))
    }
  }
}
