import Cryptography
import Glibc
import Testing

@testable import TUF

/// Both directions against python-tuf; `tuf-client` against repositories of all kinds is in Tests/system. SLIPWAY_PYTHON names a Python that has the package "tuf".
@Suite(.enabled(if: Python.path != nil, "SLIPWAY_PYTHON is not set")) struct InteroperabilityTests {
  private var now: Int64 { Int64(time(nil)) }

  /// Keys of one kind for every role, each role rotated once, delegations within delegations.
  @Test(arguments: SignatureScheme.allCases) func pythonReadsWhatTheEditorWrites(_ scheme: SignatureScheme) async throws
  {
    let now = self.now
    var fixture = try Fixture(start: now)
    let keys = try (0..<3).map { _ in try PrivateKey.generate(scheme) }
    // Old keys and new ones meet in one root, as a rotation does.
    try fixture.editor.appoint(
      fixture.rootKeys.dropFirst().map(\.publicKey) + [keys[0].publicKey], threshold: 2, to: .root)
    for role in [TopLevelRole.targets, .snapshot, .timestamp] {
      try fixture.editor.appoint(keys.map(\.publicKey), threshold: 2, to: role)
    }
    try fixture.editor.renew("targets", expires: now + day)
    try fixture.editor.delegate(
      to: "agent", keys: keys.map(\.publicKey), threshold: 3, paths: ["products/agent/releases/*/*"],
      terminating: false, expires: now + day)
    try fixture.editor.renew("agent", expires: now + day)
    let path = "products/agent/releases/2.0.0/file"
    try fixture.editor.delegate(
      to: "team", from: "agent", keys: [keys[1].publicKey], threshold: 1, paths: ["products/agent/releases/2*/*"],
      terminating: true, expires: now + day)
    try fixture.editor.setTarget(path, length: 4, sha256: sha256(Array("team".utf8)), in: "team")
    try fixture.publish(at: now, keys: fixture.keys + keys)
    try fixture.editor.appoint(keys.map(\.publicKey), threshold: 3, to: .root)
    try fixture.publish(at: now, keys: fixture.keys + keys)
    let missing = "products/agent/releases/1.0.0/none"
    let answer = try await Self.readByPython(
      fixture, [(Fixture.path, Fixture.content), (path, Array("team".utf8))], asking: [missing])
    #expect(
      answer["targets"]
        == .object([Fixture.path: .string("the release"), path: .string("team"), missing: .null]))
    let versions: [String: JSONValue] = [
      "root": .integer(3), "timestamp": .integer(3), "snapshot": .integer(2), "targets": .integer(2),
    ]
    #expect(answer["versions"] == .object(versions))
  }

  /// What python-tuf's client downloads from the fixture's files, served over HTTP.
  private static func readByPython(
    _ fixture: Fixture, _ targets: [(path: String, content: [UInt8])], asking: [String]
  ) async throws -> JSONValue {
    try await withTemporaryDirectory { metadata in
      for (name, bytes) in fixture.files { try MetadataDirectory(metadata).replace(name, with: bytes) }
      return try await withTemporaryDirectory { folder in
        for (path, content) in targets {
          var parts = path.split(separator: "/").map(String.init)
          let name = "\(try sha256(content).hex).\(parts.removeLast())"
          var place = folder
          for part in parts {
            place += "/" + part
            mkdir(place, 0o755)
          }
          try MetadataDirectory(place).replace(name, with: content)
        }
        return try await withTemporaryDirectory { work in
          let output = try Python.run(
            "read_repository.py", [metadata, folder, work] + targets.map(\.path) + asking)
          return try JSONValue(parsing: output)
        }
      }
    }
  }

  @Test func theClientReadsWhatPythonWrites() async throws {
    try await withTemporaryDirectory { directory in
      _ = try Python.run("make_repository.py", [directory])
      let source = DirectorySource(path: directory)
      let store = MemoryStore()
      let root = try await source.metadata(named: "1.root.json", maximumLength: 100_000)
      try Client.initialize(store, root: try #require(root))
      var client = Client(source: source, store: store, now: now)
      let trusted = try await client.refresh()
      #expect(trusted.root.version == 2 && trusted.targets?.version == 3)
      #expect(try await client.target("top.txt")?.custom?["note"] == .string("kept"))
      for (path, role) in [("docs/readme.txt", "docs"), ("docs/a/ünï.txt", "team/a"), ("bin/file", "bins")] {
        #expect(try await client.target(path)?.role == role)
      }
      #expect(try await client.target("elsewhere.txt") == nil)
      #expect(try await client.targets(signedBy: "docs").map(\.path) == ["docs/readme.txt"])
      #expect(try Client.load(from: store).isComplete)
    }
  }

  @Test func theEditorContinuesWhatPythonBegan() async throws {
    try await withTemporaryDirectory { directory in
      _ = try Python.run("make_repository.py", [directory])
      let files = MetadataFiles(directory)
      let editor = try RepositoryEditor(opening: { try files.read($0) })
      #expect(editor.roles == ["bins", "docs", "root", "snapshot", "targets", "team/a", "timestamp"])
      #expect(editor.changedRoles.isEmpty)
      for role in editor.roles { #expect(try editor.isComplete(role)) }
      #expect(try editor.files().isEmpty)
    }
  }
}

private struct MetadataFiles {
  let path: String
  init(_ path: String) { self.path = path }
  func read(_ name: String) throws -> [UInt8]? { try MetadataDirectory(path).read(name, maximumLength: 1_000_000) }
}

/// The Python of the test run.
enum Python {
  static let path = getenv("SLIPWAY_PYTHON").map { String(cString: $0) }

  /// What a script beside these tests prints; its errors go to the test's own standard error.
  static func run(_ script: String, _ arguments: [String]) throws -> [UInt8] {
    let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")
    let words = [try #require(path), "/\(folder)/interop/\(script)"] + arguments
    var pointers = words.map { strdup($0) } + [nil]
    defer { pointers.forEach { free($0) } }
    var ends: [CInt] = [-1, -1]
    try #require(pipe(&ends) == 0)
    defer { close(ends[0]) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
    posix_spawn_file_actions_addclose(&actions, ends[0])
    var child: pid_t = 0
    let started = posix_spawn(&child, words[0], &actions, nil, &pointers, environ)
    close(ends[1])
    try #require(started == 0)
    var output: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(ends[0], &chunk, chunk.count)
      if count <= 0 { break }
      output += chunk[..<count]
    }
    var status: CInt = 0
    while waitpid(child, &status, 0) < 0 { try #require(errno == EINTR) }
    try #require(status == 0, "\(script) failed")
    return output
  }
}
