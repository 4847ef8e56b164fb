import Cryptography
import Testing

@testable import TUF

@Suite struct ProposalTests {
  @Test func aProposalGathersSignaturesWhereverItGoes() throws {
    var fixture = try Fixture()
    let newKey = try PrivateKey.generate()
    try fixture.editor.appoint([newKey.publicKey, fixture.rootKeys[2].publicKey], threshold: 2, to: .root)
    var file = try #require(try fixture.editor.proposal()).encoded()
    for key in [newKey, fixture.rootKeys[0], fixture.rootKeys[2]] {
      var place = try Fixture.reopened(fixture)
      try place.adopt(try Proposal(parsing: file))
      #expect(try !place.isComplete("root"))
      try place.sign("root", with: key)
      file = try #require(try place.proposal()).encoded()
    }
    var end = try Fixture.reopened(fixture)
    try end.adopt(try Proposal(parsing: file))
    #expect(try end.isComplete("root"))
    #expect(try end.files().map(\.name) == ["2.root.json"])
  }

  @Test func theSameProposalIsTheSameFile() throws {
    var fixture = try Fixture()
    try fixture.editor.setTarget("a", length: 1, sha256: sha256([1]))
    let file = try #require(try fixture.editor.proposal()).encoded()
    #expect(try Proposal(parsing: file).encoded() == file)
    var again = try Fixture.reopened(fixture)
    try again.adopt(try Proposal(parsing: file))
    #expect(try again.proposal()?.encoded() == file)
  }

  @Test func aProposalIsStaleAfterAnotherChangeOfTheSameRole() throws {
    var fixture = try Fixture()
    var other = fixture.editor
    try other.setTarget("a", length: 1, sha256: sha256([1]))
    let proposal = try #require(try other.proposal())
    try fixture.editor.setTarget("products/agent/channels/x.json", length: 1, sha256: sha256([1]), in: "agent-rollout")
    try fixture.publish()
    #expect(try fixture.editor.staleRoles(of: proposal) == [])
    try fixture.editor.setTarget("b", length: 1, sha256: sha256([1]))
    try fixture.publish()
    #expect(try fixture.editor.staleRoles(of: proposal) == ["targets"])
    #expect(throws: TUFError(.edit, "")) { try fixture.editor.adopt(proposal) }
  }

  @Test func aProposalFromARepositoryThatWentItsOwnWayIsStale() throws {
    let fixture = try Fixture()
    var (one, other) = (fixture, fixture)
    try one.editor.setTarget("a", length: 1, sha256: sha256([1]))
    try one.publish()
    try other.editor.setTarget("b", length: 1, sha256: sha256([1]))
    try other.publish()
    try one.editor.setTarget("c", length: 1, sha256: sha256([1]))
    #expect(try other.editor.staleRoles(of: #require(try one.editor.proposal())) == ["targets"])
  }

  @Test func onlyValidSignaturesOfTheRolesOwnKeysAreTaken() throws {
    var fixture = try Fixture()
    try fixture.editor.setTarget("a", length: 1, sha256: sha256([1]))
    let signed = try fixture.editor.draft("targets").signed
    let forged = Envelope(
      signed: signed,
      signatures: [
        try Fixture.signature(fixture.agentKey, over: signed),
        .init(keyid: try Key(fixture.targetsKey.publicKey).keyid, hex: "00"),
      ])
    let base = try #require(try fixture.editor.proposal()).base
    var place = try Fixture.reopened(fixture)
    try place.adopt(Proposal(roles: ["targets": forged], base: base))
    #expect(try place.signatures(of: "targets").map(\.have) == [0])
    #expect(try place.signers(of: "targets").isEmpty)
  }

  @Test(arguments: [
    "{}", #"{"schema":"slipway.proposal/1","roles":{},"base":{}}"#,
    #"{"schema":"slipway.proposal/2","roles":{"root":{"signed":{},"signatures":[]}},"base":{}}"#,
    #"{"schema":"slipway.proposal/1","roles":{"timestamp":{"signed":{},"signatures":[]}},"base":{}}"#,
    #"{"schema":"slipway.proposal/1","roles":{"root":{"signed":{}}},"base":{}}"#,
  ]) func whatIsNoProposalIsRefused(_ text: String) throws {
    #expect(throws: TUFError(.malformed, "")) { try Proposal(parsing: Array(text.utf8)) }
  }

  @Test func aRoleThatNobodyDelegatesToIsRefused() throws {
    let fixture = try Fixture()
    let stranger = try Draft(
      Draft.header("targets", expires: newYear).adding(["targets": .object([:])]))
    var editor = fixture.editor
    #expect(throws: TUFError(.edit, "")) {
      try editor.adopt(Proposal(roles: ["stranger": stranger.envelope], base: [:]))
    }
  }

  @Test func changesAreToldCompletely() throws {
    var fixture = try Fixture()
    let newKey = try PrivateKey.generate()
    try fixture.editor.appoint([newKey.publicKey], threshold: 1, to: .timestamp)
    try fixture.editor.renew("root", expires: newYear + 500 * day)
    try fixture.editor.setTarget("new", length: 7, sha256: sha256([1]), in: "targets")
    try fixture.editor.removeTarget(Fixture.path, in: "agent")
    try fixture.editor.delegate(
      to: "more", keys: [newKey.publicKey], threshold: 1, paths: ["more/*"], terminating: false,
      expires: newYear + day)
    try fixture.editor.edit("targets") { $0["x-note"] = .string("hidden?") }
    let changes = try fixture.editor.changes()
    #expect(changes.map(\.role) == ["agent", "more", "root", "targets"])
    #expect(changes.map(\.published) == [1, nil, 1, 1])
    let words = changes.flatMap(\.items).map(\.words).joined(separator: "\n")
    let (new, old) = (try Key(newKey.publicKey).keyid, try Key(fixture.onlineKey.publicKey).keyid)
    for text in [
      "removes \(Fixture.path): 11 bytes, sha256 ", "adds new: 7 bytes, sha256 \(try sha256([1]).hex)",
      "timestamp: adds the key \(new) (ed25519)", "timestamp: removes the key \(old) (ed25519)",
      "delegates to more: ", "more: adds the key \(new)", "more: 1 of 1 keys sign", "x-note: \"hidden?\"",
      "expires 2027-05-16T00:00:00Z instead of ",
    ] { #expect(words.contains(text), "\(text)") }
  }

  @Test func anotherKeyOrNoneUnderTheSameIdIsTold() throws {
    var fixture = try Fixture()
    let keyid = try Key(fixture.rootKeys[0].publicKey).keyid
    try fixture.editor.edit("root") { $0["keys"]?[keyid] = nil }
    let words = try fixture.editor.changes().flatMap(\.items).map(\.words)
    #expect(words.contains("root: adds the key \(keyid) (a key that is not listed)"), "\(words)")
  }

  @Test func aProposalMayNotAppointAKeyThatNobodyCanSignWith() throws {
    let fixture = try Fixture()
    let keyid = try Key(fixture.rootKeys[0].publicKey).keyid
    let strange = JSONValue.object([
      "keytype": .string("new"), "scheme": .string("new"), "keyval": .object(["public": .string("")]),
    ])
    let strangeID = try sha256(CanonicalJSON.encode(strange)).hex
    let edits: [(role: String, (inout JSONValue) -> Void)] = [
      ("root", { $0["keys"]?[keyid] = nil }),
      (
        "root",
        { $0["roles"]?["root"]?["keyids"] = .array([.string(keyid), .string(String(repeating: "0", count: 64))]) }
      ),
      (
        "targets",
        { signed in
          signed["delegations"]?["keys"]?[strangeID] = strange
          guard var roles = signed["delegations"]?["roles"]?.array else { return }
          roles[0]["keyids"] = .array([.string(strangeID)])
          signed["delegations"]?["roles"] = .array(roles)
        }
      ),
    ]
    for (role, edit) in edits {
      var place = try Fixture.reopened(fixture)
      try place.edit(role) { edit(&$0) }
      let proposal = try #require(try place.proposal())
      var end = try Fixture.reopened(fixture)
      let refusal = #expect(throws: TUFError.self) { try end.adopt(proposal) }
      #expect(refusal?.code == .edit && refusal?.detail.hasPrefix("nobody can sign with the key") == true, "\(role)")
    }
  }

  @Test func namesThatOnlyLookTheSameAreTold() throws {
    var fixture = try Fixture()
    try fixture.editor.setTarget("caf\u{E9}", length: 1, sha256: sha256([1]))
    try fixture.publish()
    try fixture.editor.edit("targets") { signed in
      let file = signed["targets"]?["caf\u{E9}"]
      signed["targets"]?["caf\u{E9}"] = nil
      signed["targets"]?["cafe\u{301}"] = file
    }
    let items = try fixture.editor.changes().flatMap(\.items)
    #expect(items.map(\.kind) == [.targetAdded, .targetRemoved])
  }

  /// What a person reads before signing: each of these names looks like the other, or cannot be seen to differ.
  @Test(arguments: [
    ("products", "prod\u{200B}ucts"), ("a\u{200B}b", "a\u{200C}b"), ("é", "é\u{200D}"), ("☎", "☎\u{FE0F}"),
    ("x", "x\u{E0041}"), ("gpj.exe", "\u{202E}exe.jpg"), ("a b", "a\u{A0}b"), ("caf\u{E9}", "cafe\u{301}"),
    ("agent", "\u{430}gent"), ("a\u{AD}", "a\\u{AD}"), ("a\u{2028}", "a\u{2029}"),
  ])
  func namesThatLookTheSameAreShownApart(_ one: String, _ other: String) throws {
    var fixture = try Fixture()
    var shown: [String] = []
    for name in [one, other] {
      try fixture.reopen()
      try fixture.editor.edit("targets") { signed in
        signed["targets"]?[name] = .object(["length": .integer(1), "hashes": .object(["sha256": .string(name)])])
      }
      shown += try fixture.editor.changes().flatMap(\.items).map(\.words)
    }
    #expect(shown.count == 2 && !shown[0].utf8.elementsEqual(shown[1].utf8))
    #expect(shown.joined().utf8.allSatisfy { 0x20..<0x7F ~= $0 }, "\(shown)")
  }

  /// Between any two files a reader that trusts the old root, and one that has just read the new one, must get on.
  @Test(arguments: [TopLevelRole.targets, .snapshot, .timestamp])
  func noReaderIsLeftWithoutDuringARotation(_ role: TopLevelRole) async throws {
    var fixture = try Fixture()
    let newKey = try PrivateKey.generate()
    let newest = fixture.store()
    var first = fixture.client(newest)
    try await first.refresh()
    try fixture.editor.appoint([newKey.publicKey], threshold: 1, to: role)
    try fixture.editor.renewUnsigned { _ in newYear + 400 * day }
    try fixture.editor.finish(
      snapshotExpires: newYear + 7 * day, timestampExpires: newYear + day, issued: newYear,
      keys: fixture.keys + [newKey])
    let files = try fixture.editor.files()
    #expect(files.suffix(2).map(\.name) == ["timestamp.json", "2.root.json"])
    for file in files {
      fixture.files[file.name] = file.bytes
      for store in [fixture.store(), newest] {
        var client = fixture.client(store)
        #expect(try await client.target(Fixture.path) != nil, "after \(file.name)")
      }
    }
    let old = [fixture.targetsKey, fixture.onlineKey].map(\.publicKey)
    #expect(try !fixture.editor.root().authority(of: role).keys.values.contains { old.contains($0) })
  }

  @Test func aPublicationThatWasCutOffGoesOnWithTheSameProposal() throws {
    var fixture = try Fixture()
    let newKey = try PrivateKey.generate()
    try fixture.editor.appoint([newKey.publicKey], threshold: 1, to: .targets)
    try fixture.editor.renewUnsigned { _ in newYear + 400 * day }
    try fixture.editor.sign(with: fixture.keys + [newKey])
    let proposal = try #require(try fixture.editor.proposal())
    try fixture.editor.finish(
      snapshotExpires: newYear + 7 * day, timestampExpires: newYear + day, issued: newYear,
      keys: fixture.keys + [newKey])
    let files = try fixture.editor.files()
    for file in files.dropLast() { fixture.files[file.name] = file.bytes }
    var place = try Fixture.reopened(fixture)
    #expect(try place.staleRoles(of: proposal) == [])
    try place.adopt(proposal)
    #expect(try place.files() == files.suffix(1))
    fixture.files[files[files.count - 1].name] = files[files.count - 1].bytes
    var end = try Fixture.reopened(fixture)
    try end.adopt(proposal)
    #expect(end.changedRoles.isEmpty)
  }

  @Test func withoutTheOldKeyRootComesBeforeTheTimestamp() throws {
    var fixture = try Fixture()
    let newKey = try PrivateKey.generate()
    try fixture.editor.appoint([newKey.publicKey], threshold: 1, to: .targets)
    try fixture.editor.renewUnsigned { _ in newYear + 400 * day }
    try fixture.editor.finish(
      snapshotExpires: newYear + 7 * day, timestampExpires: newYear + day, issued: newYear,
      keys: fixture.rootKeys + [newKey, fixture.onlineKey, fixture.agentKey])
    #expect(try fixture.editor.files().suffix(2).map(\.name) == ["2.root.json", "timestamp.json"])
  }

  @Test func aRoleIsSignedAnewOnlyWhenItsKeysNoLongerCarryIt() throws {
    var fixture = try Fixture()
    let newKey = try PrivateKey.generate()
    try fixture.editor.appoint([fixture.agentKey, newKey].map(\.publicKey), threshold: 1, toDelegated: "agent")
    try fixture.editor.renewUnsigned { _ in newYear + 9 * day }
    #expect(fixture.editor.changedRoles == ["targets"])
    try fixture.editor.appoint([newKey.publicKey], threshold: 1, toDelegated: "agent")
    try fixture.editor.renewUnsigned { _ in newYear + 9 * day }
    #expect(fixture.editor.changedRoles == ["agent", "targets"])
    #expect(try fixture.editor.header(of: "agent")?.expires == newYear + 9 * day)
  }

  @Test func aRootChainWithAForgedLinkIsRefused() throws {
    var fixture = try Fixture()
    try fixture.editor.renew("root", expires: newYear + 500 * day)
    try fixture.publish()
    let files = fixture.files
    #expect(try RootChain.verify { files[$0] } == 2)
    try fixture.forge("2.root.json", keys: [fixture.rootKeys[0]]) { $0["x"] = .bool(true) }
    let forged = fixture.files
    #expect(throws: TUFError(.signature, "")) { try RootChain.verify { forged[$0] } }
  }
}
