import Glibc
import Testing

@testable import TUF

@Suite struct DirectoryStoreTests {
  @Test func keepsBytesAndReplacesWholeFiles() async throws {
    try await withTemporaryDirectory { directory in
      let store = DirectoryStore(path: directory)
      #expect(try store.load("root") == nil)
      try store.store("root", [1, 2, 3])
      try store.store("root", [])
      #expect(try store.load("root") == [])
      #expect(try listing(directory) == ["root.json"])
      try store.remove("root")
      try store.remove("root")
      #expect(try listing(directory).isEmpty)
    }
  }

  @Test func oneClientAtATimeHoldsIt() async throws {
    try await withTemporaryDirectory { directory in
      let (one, other) = (DirectoryStore(path: directory), DirectoryStore(path: directory))
      var lock = try one.lock()
      #expect(lock != nil)
      #expect(try other.lock() == nil)
      try one.store("root", [1])
      #expect(try listing(directory) == ["root.json"])
      withExtendedLifetime(lock) {}
      lock = nil
      #expect(try other.lock() != nil)
    }
  }

  @Test func whatAKilledClientLeftIsRemovedByTheNext() async throws {
    let fixture = try Fixture()
    try await withTemporaryDirectory { directory in
      let store = DirectoryStore(path: directory)
      try Client.initialize(store, root: fixture.initialRoot)
      for name in ["root.json.tmp", "team%2Fa.json.tmp", "notes.tmp"] {
        try MetadataDirectory(directory).replace(name, with: [1], durably: true)
      }
      var client = fixture.client(store)
      try await client.refresh()
      let left = try listing(directory).filter { $0.hasSuffix(".tmp") }
      #expect(left == ["notes.tmp"])
    }
  }

  @Test func aClientWaitsForItsTurnButNotForEver() async throws {
    let fixture = try Fixture()
    try await withTemporaryDirectory { directory in
      let store = DirectoryStore(path: directory)
      try Client.initialize(store, root: fixture.initialRoot)
      var lock = try store.lock()
      #expect(throws: TUFError(.busy, "")) { try Client.initialize(store, root: fixture.initialRoot) }
      var limits = Limits.standard
      limits.time = .milliseconds(100)
      var client = fixture.client(store, limits: limits)
      await #expect(throws: TUFError(.busy, "")) { try await client.refresh() }
      let (refusals, refused) = AsyncStream<Void>.makeStream()
      client = fixture.client(TurnTakingStore(store: store, refused: refused))
      async let version = { [client] in
        var client = client
        defer { refused.finish() }
        return try await client.refresh().timestamp?.version
      }()
      var hasWaited = false
      for await _ in refusals {
        hasWaited = true
        break
      }
      #expect(hasWaited)
      withExtendedLifetime(lock) {}
      lock = nil
      #expect(try await version == 1)
    }
  }

  /// What nobody but somebody else can have put in the place of a file, or of one that is being written.
  @Test(
    arguments: ["timestamp.json", "snapshot.json", "targets.json", "agent.json", "timestamp.json.tmp"],
    Intruder.allCases)
  func whatNoClientWroteCountsAsAbsentAndIsReplaced(_ name: String, _ intruder: Intruder) async throws {
    var fixture = try Fixture()
    try await withTemporaryDirectory { directory in
      let store = DirectoryStore(path: directory)
      try Client.initialize(store, root: fixture.initialRoot)
      var client = fixture.client(store)
      _ = try await client.target(Fixture.path)
      let before = try listing(directory)
      try fixture.next()
      // With something new to fetch, and without.
      for _ in 0..<2 {
        try intruder.stand(at: directory + "/" + name)
        _ = try Client.load(from: store)
        client = fixture.client(store, now: newYear + 120)
        #expect(try await client.target(Fixture.path)?.role == "agent")
        #expect(try listing(directory) == before)
        #expect(try Client.load(from: store).isComplete)
        #expect(try store.load("agent") == fixture.files["2.agent.json"])
      }
    }
  }

  @Test(arguments: Intruder.allCases) func aRootThatNoClientWroteIsAnErrorAndStays(_ intruder: Intruder) async throws {
    let fixture = try Fixture()
    try await withTemporaryDirectory { directory in
      let store = DirectoryStore(path: directory)
      try Client.initialize(store, root: fixture.initialRoot)
      try intruder.stand(at: directory + "/root.json")
      var client = fixture.client(store)
      await #expect(throws: (any Error).self) { try await client.refresh() }
      #expect(throws: (any Error).self) { try Client.initialize(store, root: fixture.initialRoot) }
      #expect(try listing(directory) == ["root.json"])
      #expect(throws: (any Error).self) { try store.load("root") }
    }
  }

  @Test func aMissingDirectoryIsAnErrorAndNotAnEmptyStore() {
    let store = DirectoryStore(path: "/nonexistent/store")
    #expect(throws: FileError("open", "", errno: ENOENT)) { try store.load("root") }
  }

  @Test func theSourceFollowsNoLinksAndReadsNoPipes() async throws {
    try await withTemporaryDirectory { directory in
      try #require(symlink("/etc/passwd", directory + "/timestamp.json") == 0)
      try #require(mkfifo(directory + "/2.root.json", 0o600) == 0)
      let source = DirectorySource(path: directory)
      for name in ["timestamp.json", "2.root.json", "../passwd", "..", ""] {
        await #expect(throws: FileError.self) { try await source.metadata(named: name, maximumLength: 1000) }
      }
      #expect(try await source.metadata(named: "3.root.json", maximumLength: 1000) == nil)
    }
  }

  @Test func theSourceIsBounded() async throws {
    try await withTemporaryDirectory { directory in
      try MetadataDirectory(directory).replace(
        "timestamp.json", with: [UInt8](repeating: 32, count: 101), durably: true)
      let source = DirectorySource(path: directory)
      #expect(try await source.metadata(named: "timestamp.json", maximumLength: 101)?.count == 101)
      await #expect(throws: TUFError(.tooLong, "")) {
        try await source.metadata(named: "timestamp.json", maximumLength: 100)
      }
    }
  }
}

/// Tells when a client has found the lock held.
private struct TurnTakingStore: MetadataStore {
  let store: DirectoryStore
  let refused: AsyncStream<Void>.Continuation

  func lock() throws -> StoreLock? {
    let lock = try store.lock()
    if lock == nil { refused.yield() }
    return lock
  }

  func load(_ role: String) throws -> [UInt8]? { try store.load(role) }
  func removeUnfinished() throws { try store.removeUnfinished() }
  func store(_ role: String, _ bytes: [UInt8]) throws { try store.store(role, bytes) }
  func remove(_ role: String) throws { try store.remove(role) }
}

/// Something that is no metadata file.
enum Intruder: CaseIterable {
  case oversized, link, pipe, folder

  func stand(at path: String) throws {
    unlink(path)
    switch self {
    case .oversized:
      let file = open(path, O_WRONLY | O_CREAT, 0o600)
      // Sparse: it takes no space.
      try #require(ftruncate(file, 17_000_000) == 0)
      close(file)
    case .link: try #require(symlink("/dev/zero", path) == 0)
    case .pipe: try #require(mkfifo(path, 0o600) == 0)
    case .folder: try #require(mkdir(path, 0o700) == 0)
    }
  }
}
