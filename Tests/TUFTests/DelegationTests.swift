import Cryptography
import Synchronization
import Testing

@testable import TUF

@Suite struct PathPatternTests {
  @Test(arguments: [
    ("*", "a", true), ("*", "a/b", false), ("*", "", true), ("a/*", "a/b", true), ("a/*", "a/b/c", false),
    ("a/*/c", "a/b/c", true), ("a/*/c", "a//c", true), ("a/*/c", "a/b/d/c", false), ("?", "/", false),
    ("foo-?.tgz", "foo-2.tgz", true), ("foo-?.tgz", "foo-22.tgz", false), ("*.tgz", "targets/foo.tgz", false),
    ("a*b*c", "aXXbYYbc", true), ("a*b*c", "aXXbYY", false), ("**", "a/b", false), ("?", "é", true),
    ("[ab]", "a", false), ("[ab]", "[ab]", true), ("README", "readme", false), ("a", "a/", false),
    ("*a*a*a*a*a*a*a*a*a*a*a*a*b", String(repeating: "a", count: 2000), false),
  ]) func wildcardsNeverCrossASeparator(_ pattern: String, _ path: String, _ matches: Bool) {
    #expect(PathPattern.matches(pattern, path) == matches)
  }
}

@Suite struct DelegationTests {
  /// A graph of delegations under "targets" and the order in which a search for "missing" loads the roles.
  @Test(arguments: [
    (["targets>A", "targets>B"], ["A", "B"]),
    (["targets>A", "targets>B", "A>C", "A>D"], ["A", "C", "D", "B"]),
    (["targets>A", "targets>B", "A>C", "C>D"], ["A", "C", "D", "B"]),
    (["targets>A", "targets>B", "A>C!", "A>D"], ["A", "C"]),
    (["targets>A!", "targets>B", "A>C"], ["A", "C"]),
    (["targets>A", "targets>B", "B>C", "C>D", "D>B"], ["A", "B", "C", "D"]),
    (["targets>A", "A>A", "A>B"], ["A", "B"]),
    (["targets>A", "targets>B", "B>C", "A>C"], ["A", "C", "B"]),
  ]) func searchIsPreOrderDepthFirst(_ edges: [String], _ order: [String]) async throws {
    let (fixture, requests) = try graph(edges)
    var client = Client(source: requests, store: fixture.store(), now: newYear + 60)
    #expect(try await client.target("missing") == nil)
    #expect(requests.delegated == order)
  }

  @Test func atMostThirtyTwoDelegationsAreVisited() async throws {
    let (fixture, requests) = try graph((0..<40).map { "targets>R\($0 + 10)" })
    var client = Client(source: requests, store: fixture.store(), now: newYear + 60)
    #expect(try await client.target("missing") == nil)
    #expect(requests.delegated.count == 32)
  }

  /// The index and the question put to each delegation agree, and the order of the list holds.
  @Test func delegationsByPathAndByHashAreTakenInTheirOrder() throws {
    let hash = try sha256(Array("a/b".utf8)).hex
    func role(_ name: String, _ field: String, _ values: [String], terminating: Bool = false) -> JSONValue {
      .object([
        "name": .string(name), "keyids": .array([]), "threshold": .integer(1), "terminating": .bool(terminating),
        field: .array(values.map { .string($0) }),
      ])
    }
    let prefix = { (count: Int) in String(hash.prefix(count)) }
    let roles = [
      role("other", "path_hash_prefixes", [prefix(2) + "x"]),
      role("twice", "path_hash_prefixes", [prefix(1), prefix(3)]),
      role("path", "paths", ["a/*"]), role("whole", "path_hash_prefixes", [hash]), role("elsewhere", "paths", ["*"]),
      role("all", "path_hash_prefixes", [""]), role("last", "paths", ["a/b"], terminating: true),
      role("never", "path_hash_prefixes", [prefix(2)]),
    ]
    let delegations = try Delegations(
      try Fields(.object(["keys": .object([:]), "roles": .array(roles)]), "delegations"))
    let covering = delegations.covering("a/b").map(\.name)
    #expect(covering == ["twice", "path", "whole", "all", "last"])
    #expect(covering + ["never"] == delegations.roles.filter { $0.covers("a/b") }.map(\.name))
    #expect(delegations.covering("x/y/z").map(\.name) == ["all"])
  }

  @Test func aRoleDelegatedTwiceIsLoadedByTheDelegationThatItIsSignedFor() throws {
    var fixture = try Fixture()
    let stranger = try PrivateKey.generate()
    try fixture.editor.delegate(
      to: "team", keys: [fixture.agentKey.publicKey], threshold: 1, paths: ["products/*/*"], terminating: false,
      expires: newYear + 90 * day)
    try fixture.editor.delegate(
      to: "agent", from: "team", keys: [stranger.publicKey], threshold: 1, paths: ["products/*/*"], terminating: false,
      expires: newYear + 90 * day)
    try fixture.editor.renew("agent", expires: newYear + 401 * day)
    try fixture.publish(keys: fixture.keys + [stranger])
    for (key, isFirst) in [(fixture.agentKey, true), (stranger, false)] {
      try fixture.forgeListed("2.agent.json", keys: [key]) { _ in }
      let store = fixture.store()
      for (role, name) in [
        ("timestamp", "timestamp.json"), ("snapshot", "2.snapshot.json"), ("targets", "2.targets.json"),
        ("team", "1.team.json"), ("agent", "2.agent.json"),
      ] { store.store(role, fixture.files[name] ?? []) }
      let loaded = try Client.load(from: store)
      #expect(loaded.unverified.isEmpty && loaded.delegated["agent"] != nil)
      // The search asks the delegation that comes first, which is not the one that it may be signed for.
      #expect((loaded.target(Fixture.path) != nil) == isFirst)
    }
  }

  @Test func aRoleCountsOnlyForWhatItIsTrustedFor() async throws {
    var fixture = try Fixture()
    try fixture.editor.renew("agent", expires: newYear + 400 * day)
    try fixture.publish()
    try fixture.forge("2.agent.json", keys: [fixture.agentKey]) { signed in
      guard let file = signed["targets"]?[Fixture.path] else { return }
      for path in ["products/other/policy.json", "products/agent/releases/a/b/c"] { signed["targets"]?[path] = file }
    }
    try fixture.relist()
    var client = fixture.client(fixture.store())
    #expect(try await client.target("products/other/policy.json") == nil)
    #expect(try await client.target("products/agent/releases/a/b/c") == nil)
    #expect(try await client.targets(signedBy: "agent").map(\.path) == [Fixture.path])
  }

  @Test func hashPrefixesChooseTheRole() async throws {
    var fixture = try Fixture()
    try fixture.next()
    let prefix = try String(sha256(Array(Fixture.path.utf8)).hex.prefix(2))
    for (prefixes, found) in [([prefix], true), (["not hex"], false), ([], false)] {
      try fixture.forgeListed("2.targets.json", keys: [fixture.targetsKey]) { signed in
        guard var roles = signed["delegations"]?["roles"]?.array else { return }
        roles[0]["paths"] = nil
        roles[0]["path_hash_prefixes"] = .array(prefixes.map { .string($0) })
        signed["delegations"]?["roles"] = .array(roles)
      }
      var client = fixture.client(fixture.store())
      #expect((try await client.target(Fixture.path) != nil) == found)
    }
  }

  @Test(arguments: ["../x", "/etc/x", "a/b", "?", "#", "%2e%2e", "..", "a\u{0}b"])
  func unusualRoleNamesStayInsideTheStore(_ name: String) async throws {
    var fixture = try Fixture()
    try fixture.next()
    fixture.files["1.\(RoleName.fileName(name))"] = fixture.files["2.agent.json"]
    try fixture.forge("1.\(RoleName.fileName(name))", keys: [fixture.agentKey]) { $0["version"] = .integer(1) }
    try fixture.forge("2.targets.json", keys: [fixture.targetsKey]) { signed in
      guard var roles = signed["delegations"]?["roles"]?.array else { return }
      roles[0]["name"] = .string(name)
      signed["delegations"]?["roles"] = .array(roles)
    }
    try fixture.relist { $0["meta"]?[name + ".json"] = .object(["version": .integer(1)]) }
    try await withTemporaryDirectory { directory in
      let store = DirectoryStore(path: directory)
      try Client.initialize(store, root: fixture.initialRoot)
      var client = fixture.client(store)
      #expect(try await client.target(Fixture.path)?.role == name)
      let expected = [RoleName.fileName(name), "root.json", "snapshot.json", "targets.json", "timestamp.json"]
      #expect(try listing(directory) == expected.sorted())
    }
  }

  @Test func aRoleReachedByTwoWaysIsVerifiedForEach() async throws {
    var (fixture, _) = try graph(["targets>A", "targets>B"])
    for (parent, key) in [("A", fixture.agentKey), ("B", fixture.onlineKey)] {
      try fixture.editor.delegate(
        to: "C", from: parent, keys: [key.publicKey], threshold: 1, paths: ["\(parent)/*"], terminating: false,
        expires: newYear + 400 * day)
    }
    try fixture.editor.setTarget("A/x", length: 0, sha256: sha256([]), in: "C")
    try fixture.editor.setTarget("B/x", length: 0, sha256: sha256([]), in: "C")
    for (parent, path) in [("A", "A/*"), ("B", "B/*")] {
      try fixture.editor.delegate(
        to: parent, keys: [fixture.agentKey.publicKey], threshold: 1, paths: [path], terminating: false,
        expires: newYear)
    }
    try fixture.publish()
    try fixture.forge("1.C.json", keys: [fixture.agentKey]) { _ in }
    try fixture.relist()
    var client = fixture.client(fixture.store())
    #expect(try await client.target("A/x")?.role == "C")
    await #expect(throws: TUFError(.signature, "")) { try await client.target("B/x") }
  }

  /// "A>B!": A delegates everything to B, terminating.
  private func graph(_ edges: [String]) throws -> (Fixture, RecordingSource) {
    var fixture = try Fixture()
    for role in ["agent", "agent-rollout"] { try fixture.editor.removeDelegation(to: role) }
    for edge in edges {
      let ends = edge.split { ">!".contains($0) }.map(String.init)
      try fixture.editor.delegate(
        to: ends[1], from: ends[0], keys: [fixture.agentKey.publicKey], threshold: 1, paths: ["*", "*/*"],
        terminating: edge.hasSuffix("!"), expires: newYear + 400 * day)
    }
    try fixture.publish()
    return (fixture, RecordingSource(files: fixture.files))
  }
}

/// Notes which delegated roles are asked for.
final class RecordingSource: MetadataSource {
  private let files: [String: [UInt8]]
  private let names = Mutex<[String]>([])

  init(files: [String: [UInt8]]) { self.files = files }

  func metadata(named name: String, maximumLength: Int) async throws -> [UInt8]? {
    names.withLock { $0.append(name) }
    return files[name]
  }

  var delegated: [String] {
    names.withLock { $0 }.compactMap { name in
      let parts = name.split(separator: ".")
      return parts.count == 3 && TopLevelRole(rawValue: String(parts[1])) == nil ? String(parts[1]) : nil
    }
  }
}
