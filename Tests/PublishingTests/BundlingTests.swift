import Bundles
import Foundation
import Posix
import Product
import Publishing
import SystemPackage
import TUF
import Testing

@Suite struct BundlingTests {
  @Test func setupFileReadsBackAndAClientAcceptsIt() async throws {
    let workshop = try Workshop.prepared()
    // A second root and other releases: a bundle brings all roots, but only the targets of its own release.
    _ = try Renewal(roles: ["root"]).run(repository: workshop.repository, signing: workshop.signing())
    let output = workshop.path.appending("agent.run")
    let bundling = Bundling(try workshop.release("1.0.0"), now: HostClock.wallSeconds())
    let result = try await bundling.setup(repository: workshop.repository, executable: "/bin/true", to: output)

    let file = OpenFile(try FileDescriptor.open(output, .readOnly))
    let setup = try #require(try SetupFile(file, name: "agent.run"))
    #expect(try workshop.read("repo/metadata/2.root.json") == setup.root)
    let store = MemoryStore()
    try Client.initialize(store, root: setup.root)
    var client = Client(source: setup.bundle, store: store, now: HostClock.wallSeconds())
    try await client.refresh()
    for name in ["policy.json", "releases/1.0.0/linux-x86_64.tar.zst", "channels/stable.json"] {
      let target = try #require(try await client.target("products/room-agent/\(name)"))
      let digest = try #require(target.sha256)
      #expect(try setup.bundle.target(digest)?.length == Int64(target.length))
    }
    #expect(try await setup.bundle.metadata(named: "1.root.json", maximumLength: 512_000) != nil)
    let attributes = try FileManager.default.attributesOfItem(atPath: output.string)
    #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o755)
    #expect((attributes[.size] as? NSNumber)?.int64Value == result.length)
  }

  @Test func sameRepositoryGivesTheSameSetupFile() async throws {
    let workshop = try Workshop.prepared()
    let bundling = Bundling(try workshop.release("1.0.0"), now: HostClock.wallSeconds())
    for name in ["one", "two"] {
      _ = try await bundling.setup(
        repository: workshop.repository, executable: "/bin/true", to: workshop.path.appending(name))
    }
    #expect(try workshop.read("one") == workshop.read("two"))
  }

  @Test func aBundleOfAnotherProductIsNotCarriedAlong() async throws {
    let workshop = try Workshop.prepared()
    let text = String(decoding: try workshop.read("product.toml"), as: UTF8.self)
    try workshop.write(
      text.replacingOccurrences(of: "\"room-agent\"\nname", with: "\"other\"\nname"), workshop.manifest)
    try workshop.pack("1.0.0")
    let output = workshop.path.appending("agent.bundle")
    let bundling = Bundling(try workshop.release("1.0.0"), now: HostClock.wallSeconds())
    _ = try await bundling.bundle(repository: workshop.repository, to: output)
    let bundle = try FileBundle(output)
    #expect(try await bundle.metadata(named: "1.other.json", maximumLength: 1 << 20) == nil)
    #expect(try await bundle.metadata(named: "1.room-agent.json", maximumLength: 1 << 20) != nil)
  }

  @Test func nothingThatAClientRefusesIsShipped() async throws {
    let workshop = try Workshop.prepared()
    let output = workshop.path.appending("agent.bundle")
    let late = Bundling(try workshop.release("1.0.0"), now: HostClock.wallSeconds() + 2 * 86_400)
    await #expect(throws: TUFError(.expired, "")) { try await late.bundle(repository: workshop.repository, to: output) }
    let unknown = Bundling(try workshop.release("7.0.0"), now: HostClock.wallSeconds())
    await #expect(throws: PublishingError(.unsigned, "")) {
      try await unknown.bundle(repository: workshop.repository, to: output)
    }
    let archive = try #require(try workshop.contents(workshop.repository).keys.first { $0.hasSuffix(".tar.zst") })
    try workshop.write("other", workshop.repository.appending(archive))
    let now = Bundling(try workshop.release("1.0.0"), now: HostClock.wallSeconds())
    await #expect(throws: PublishingError(.damaged, "")) {
      try await now.bundle(repository: workshop.repository, to: output)
    }
    let left = try FileManager.default.contentsOfDirectory(atPath: workshop.path.string)
    #expect(!left.contains { $0.contains("bundle") })
  }

  @Test func aFinishedSetupFileIsNoBootstrapper() async throws {
    let workshop = try Workshop.prepared()
    let bundling = Bundling(try workshop.release("1.0.0"), now: HostClock.wallSeconds())
    let output = workshop.path.appending("agent.run")
    _ = try await bundling.setup(repository: workshop.repository, executable: "/bin/true", to: output)
    await #expect(throws: PublishingError(.invalidInput, "")) {
      try await bundling.setup(repository: workshop.repository, executable: output, to: workshop.path.appending("b"))
    }
  }
}
