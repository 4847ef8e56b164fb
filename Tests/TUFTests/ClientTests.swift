import Cryptography
import Testing

@testable import TUF

@Suite struct ClientTests {
  @Test func refreshBringsAllRolesAndStoresThemByteForByte() async throws {
    let fixture = try Fixture()
    let store = fixture.store()
    var client = fixture.client(store)
    let trusted = try await client.refresh()
    #expect(trusted.isComplete && trusted.issued == newYear)
    #expect(store.contents["timestamp"] == fixture.files["timestamp.json"])
    #expect(store.contents["snapshot"] == fixture.files["1.snapshot.json"])
    #expect(store.contents["targets"] == fixture.files["1.targets.json"])
  }

  @Test func targetsAreFoundThroughDelegationsOnlyWhenAskedFor() async throws {
    let fixture = try Fixture()
    let store = fixture.store()
    var client = fixture.client(store)
    try await client.refresh()
    #expect(store.contents["agent"] == nil)
    let target = try #require(try await client.target(Fixture.path))
    #expect(target.role == "agent" && target.length == 11 && target.custom?["n"] == .integer(1))
    #expect(throws: Never.self) { try target.check(Fixture.content) }
    #expect(throws: TUFError(.lengthOrHash, "")) { try target.check(Array("the rELEASE".utf8)) }
    #expect(store.contents["agent"] == fixture.files["1.agent.json"])
    #expect(try await client.target("products/agent/releases/1.0.0/none") == nil)
  }

  @Test func allTargetsOfARoleAreListed() async throws {
    let fixture = try Fixture()
    var client = fixture.client(fixture.store())
    #expect(try await client.targets(signedBy: "agent").map(\.path) == [Fixture.path])
    #expect(try await client.targets(signedBy: "targets").isEmpty)
    await #expect(throws: TUFError(.unknownRole, "")) { try await client.targets(signedBy: "other") }
  }

  @Test func anUpdateUsesWhatIsStored() async throws {
    var fixture = try Fixture()
    let store = fixture.store()
    var client = fixture.client(store)
    _ = try await client.target(Fixture.path)
    try fixture.editor.setTarget("products/agent/policy.json", length: 1, sha256: sha256([1]), in: "agent")
    try fixture.publish(at: newYear + day)
    fixture.files["1.targets.json"] = nil
    client = fixture.client(store, now: newYear + day + 1)
    let trusted = try await client.refresh()
    #expect(trusted.timestamp?.version == 2 && trusted.targets?.version == 1)
    #expect(try await client.targets(signedBy: "agent").count == 2)
    #expect(client.trusted?.header(of: "agent")?.version == 2)
  }

  @Test func rootRotatesThroughIntermediateVersionsThatHaveExpired() async throws {
    var fixture = try Fixture()
    let newKey = try PrivateKey.generate()
    try fixture.editor.renew("root", expires: newYear - day)
    try fixture.publish(at: newYear)
    try fixture.editor.appoint(
      [newKey.publicKey] + fixture.rootKeys.dropFirst().map(\.publicKey), threshold: 2, to: .root)
    try fixture.editor.renew("root", expires: newYear + 500 * day)
    try fixture.publish(at: newYear, keys: fixture.keys + [newKey])
    let store = fixture.store()
    var client = fixture.client(store)
    #expect(try await client.refresh().root.version == 3)
    #expect(store.contents["root"] == fixture.files["3.root.json"])
  }

  @Test func rootRotationsAreBoundedAndTheNextRunGoesOn() async throws {
    var fixture = try Fixture()
    for _ in 0..<4 {
      try fixture.editor.renew("root", expires: newYear + 400 * day)
      try fixture.publish()
    }
    var limits = Limits.standard
    limits.rootRotations = 3
    let store = fixture.store()
    var client = fixture.client(store, limits: limits)
    #expect(try await client.refresh().root.version == 4)
    #expect(try await client.refresh().root.version == 5)
  }

  @Test func theSameTimestampVersionIsKeptWhateverItsContent() async throws {
    var fixture = try Fixture()
    let store = fixture.store()
    var client = fixture.client(store)
    try await client.refresh()
    try fixture.forge("timestamp.json", keys: [fixture.onlineKey]) {
      $0["meta"]?["snapshot.json"]?["version"] = .integer(100)
    }
    client = fixture.client(store)
    let trusted = try await client.refresh()
    #expect(trusted.timestamp?.metadata.snapshot.version == 1)
    #expect(store.contents["timestamp"] != fixture.files["timestamp.json"])
  }

  @Test func errorsSayWhichVersionWasHadAndWhichCame() async throws {
    var fixture = try Fixture()
    let store = fixture.store()
    try fixture.next()
    var client = fixture.client(store)
    try await client.refresh()
    fixture.files["timestamp.json"] = fixture.files["1.timestamp.json"]
    client = fixture.client(store)
    let failure = await #expect(throws: TUFError.self) { try await client.refresh() }
    #expect(failure?.role == "timestamp" && failure?.have == 2 && failure?.got == 1)
    #expect(failure?.description == "timestamp metadata: rollback: version 1 after 2")
  }

  /// Swift's `==`, and so a dictionary's look-up, takes the composed and the decomposed form of a letter for the same.
  @Test(arguments: [("caf\u{E9}", "cafe\u{301}"), ("cafe\u{301}", "caf\u{E9}"), ("\u{212B}", "\u{C5}")])
  func aRoleIsNotStillListedBecauseOneThatLooksTheSameIs(_ old: String, _ new: String) async throws {
    #expect(old == new && !old.utf8.elementsEqual(new.utf8))
    var fixture = try Fixture()
    func list(_ name: String, version: Int64) -> (inout JSONValue) -> Void {
      { $0["meta"]?["\(name).json"] = .object(["version": .integer(version)]) }
    }
    try fixture.relist(list(old, version: 1))
    let store = fixture.store()
    var client = fixture.client(store)
    try await client.refresh()
    try fixture.next()
    let kept = fixture
    try fixture.relist(list(new, version: 2))
    client = fixture.client(store)
    let failure = await #expect(throws: TUFError(.rollback, "")) { try await client.refresh() }
    #expect(failure?.role == "snapshot" && failure?.have == 1)
    // The same name in the new version is no rollback: it is the name that is refused.
    fixture = kept
    try fixture.relist(list(old, version: 2))
    client = fixture.client(store)
    #expect(try await client.refresh().snapshot?.version == 2)
  }

  @Test func oneTargetWithUnknownHashesHarmsNoOther() async throws {
    var fixture = try Fixture()
    try fixture.forge("1.agent.json", keys: [fixture.agentKey]) {
      $0["targets"]?["products/agent/policy.json"] = .object([
        "length": .integer(0), "hashes": .object(["blake9": .string("00")]),
      ])
    }
    try fixture.relist()
    var client = fixture.client(fixture.store())
    #expect(try await client.target(Fixture.path) != nil)
    let unknown = try #require(try await client.target("products/agent/policy.json"))
    #expect(throws: TUFError(.unsupported, "")) { try unknown.check([]) }
  }

  @Test func rotatingTheOnlineKeyRecoversFromFastForward() async throws {
    var fixture = try Fixture()
    let clean = fixture
    try fixture.forge("timestamp.json", keys: [fixture.onlineKey]) { $0["version"] = .integer(1_000_000) }
    let store = fixture.store()
    var client = fixture.client(store)
    try await client.refresh()
    client = clean.client(store)
    await #expect(throws: TUFError(.rollback, "")) { try await client.refresh() }

    var repaired = clean
    let newKey = try PrivateKey.generate()
    for role in [TopLevelRole.snapshot, .timestamp] {
      try repaired.editor.appoint([newKey.publicKey], threshold: 1, to: role)
    }
    try repaired.publish(keys: repaired.keys + [newKey])
    client = repaired.client(store)
    #expect(try await client.refresh().timestamp?.version == 2)
  }

  @Test func loadVerifiesTheStoreWhateverItsAge() async throws {
    let fixture = try Fixture()
    let store = fixture.store()
    var client = fixture.client(store)
    _ = try await client.target(Fixture.path)
    var loaded = try Client.load(from: store)
    #expect(loaded.isComplete && loaded.target(Fixture.path)?.role == "agent")
    store.store("targets", fixture.files["1.targets.json"].map { $0 + [0x20] } ?? [])
    loaded = try Client.load(from: store)
    #expect(loaded.unverified["targets"]?.code == .lengthOrHash && loaded.targets == nil && !loaded.isComplete)
    store.remove("root")
    #expect(throws: TUFError(.missing, "")) { try Client.load(from: store) }
  }

  @Test func aTrustedRootIsSetOnceAndOnlyIfItSignsItself() throws {
    let fixture = try Fixture()
    let store = MemoryStore()
    #expect(throws: TUFError(.malformed, "")) { try Client.initialize(store, root: [1, 2]) }
    try Client.initialize(store, root: fixture.initialRoot)
    #expect(throws: TUFError(.edit, "")) { try Client.initialize(store, root: fixture.initialRoot) }
  }
}
