import Cryptography
import Glibc
import Testing

@testable import TUF

/// Both directions against python-tuf, over files. SLIPWAY_PYTHON names a Python that has the package "tuf".
@Suite(.enabled(if: Python.path != nil, "SLIPWAY_PYTHON is not set")) struct InteroperabilityTests {
  private var now: Int64 { Int64(time(nil)) }

  @Test func pythonReadsWhatTheEditorWrites() async throws {
    var fixture = try Fixture(start: now)
    try fixture.editor.appoint(
      fixture.rootKeys.dropFirst().map(\.publicKey) + [PrivateKey.generate(.ecdsaP256).publicKey], threshold: 2,
      to: .root)
    let agentKeys = try [PrivateKey.generate(.ecdsaP384), PrivateKey.generate(.rsaPSS)]
    try fixture.editor.delegate(
      to: "agent", keys: agentKeys.map(\.publicKey), threshold: 2, paths: ["products/agent/releases/*/*"],
      terminating: true, expires: now + day)
    try fixture.editor.renew("agent", expires: now + day)
    try fixture.publish(at: now, keys: fixture.keys + agentKeys)
    try await withTemporaryDirectory { directory in
      for (name, bytes) in fixture.files { try MetadataDirectory(directory).replace(name, with: bytes) }
      let missing = "products/agent/releases/1.0.0/none"
      let output = try await withTemporaryDirectory { work in
        try Python.run("read_repository.py", [directory, work, Fixture.path, missing])
      }
      let answer = try JSONValue(parsing: output)
      #expect(answer["targets"] == .object([Fixture.path: .integer(11), missing: .null]))
      let versions: [String: JSONValue] = [
        "root": .integer(2), "timestamp": .integer(2), "snapshot": .integer(2), "targets": .integer(2),
      ]
      #expect(answer["versions"] == .object(versions))
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
