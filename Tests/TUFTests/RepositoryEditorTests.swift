import Cryptography
import Testing

@testable import TUF

@Suite struct RepositoryEditorTests {
  @Test func theSameEditsAndKeysGiveTheSameBytes() throws {
    let fixture = try Fixture()
    func files() throws -> [RepositoryFile] {
      var editor = try RepositoryEditor(opening: { fixture.files[$0] })
      for path in ["b", "a"] { try editor.setTarget(path, length: 1, sha256: sha256([1]), custom: .bool(true)) }
      try editor.finish(
        snapshotExpires: newYear + 8 * day, timestampExpires: newYear + 2 * day, issued: newYear, keys: fixture.keys)
      return try editor.files()
    }
    #expect(try files() == files())
    #expect(try files().map(\.name) == ["2.targets.json", "2.snapshot.json", "timestamp.json"])
  }

  @Test func rolesThatDidNotChangeAreNotWrittenAgain() throws {
    var fixture = try Fixture()
    #expect(fixture.editor.changedRoles.isEmpty)
    try fixture.editor.setTarget(
      "products/agent/channels/beta.json", length: 1, sha256: sha256([1]), in: "agent-rollout")
    try fixture.editor.finish(
      snapshotExpires: newYear + 8 * day, timestampExpires: newYear + day, issued: newYear, keys: [fixture.onlineKey])
    let names = try fixture.editor.files().map(\.name)
    #expect(names == ["2.agent-rollout.json", "2.snapshot.json", "timestamp.json"])
  }

  @Test func anEditThatChangesNothingMakesNoDraft() throws {
    var fixture = try Fixture()
    try fixture.editor.removeTarget("none")
    try fixture.editor.appoint([fixture.targetsKey.publicKey], threshold: 1, to: .targets)
    #expect(fixture.editor.changedRoles.isEmpty)
  }

  @Test func severalEditsRaiseTheVersionOnceAndDropSignatures() throws {
    var fixture = try Fixture()
    try fixture.editor.setTarget("a", length: 1, sha256: sha256([1]))
    try fixture.editor.sign("targets", with: fixture.targetsKey)
    #expect(try fixture.editor.isComplete("targets"))
    try fixture.editor.setTarget("b", length: 1, sha256: sha256([1]))
    #expect(try fixture.editor.header(of: "targets")?.version == 2)
    #expect(try !fixture.editor.isComplete("targets"))
  }

  @Test func aRootProposalTravelsFromKeyToKey() throws {
    var fixture = try Fixture()
    let newKey = try PrivateKey.generate()
    try fixture.editor.appoint([newKey, fixture.rootKeys[2]].map(\.publicKey), threshold: 2, to: .root)
    let unsigned = try fixture.editor.proposal(of: "root")
    let signed = try [newKey, fixture.rootKeys[0], fixture.rootKeys[2]].map { key in
      var place = try Fixture.reopened(fixture)
      try place.adopt(unsigned, as: "root")
      try place.sign("root", with: key)
      return try place.proposal(of: "root")
    }
    var editor = fixture.editor
    try editor.adopt(signed[0], as: "root")
    try editor.adopt(signed[1], as: "root")
    // Old root: one of two so far; new root: one of two.
    #expect(try editor.signatures(of: "root").map(\.have) == [1, 1])
    #expect(throws: TUFError(.edit, "")) { try editor.files() }
    try editor.adopt(signed[2], as: "root")
    #expect(try editor.isComplete("root"))
    #expect(try editor.files().map(\.name) == ["2.root.json"])
  }

  @Test func proposalsOfAnotherDraftOrVersionAreRefused() throws {
    var fixture = try Fixture()
    let published = try #require(fixture.files["1.targets.json"])
    #expect(throws: TUFError(.edit, "")) { try fixture.editor.adopt(published, as: "targets") }
    var other = fixture.editor
    try other.setTarget("a", length: 1, sha256: sha256([1]))
    try fixture.editor.setTarget("b", length: 1, sha256: sha256([1]))
    let proposal = try other.proposal(of: "targets")
    #expect(throws: TUFError(.edit, "")) { try fixture.editor.adopt(proposal, as: "targets") }
    #expect(throws: TUFError(.wrongType, "")) { try fixture.editor.adopt(proposal, as: "root") }
  }

  @Test func foreignSignaturesOfAProposalAreLeftBehind() throws {
    var fixture = try Fixture()
    try fixture.editor.setTarget("a", length: 1, sha256: sha256([1]))
    let signed = try Envelope(parsing: fixture.editor.proposal(of: "targets")).signed
    let forged = Envelope(
      signed: signed,
      signatures: [
        try Fixture.signature(fixture.agentKey, over: signed),
        .init(keyid: try Key(fixture.targetsKey.publicKey).keyid, hex: "00"),
      ])
    try fixture.editor.adopt(forged.fileText(), as: "targets")
    #expect(try fixture.editor.draft("targets").signatures.isEmpty)
  }

  @Test func nothingIsWrittenBeforeEveryThresholdIsMet() throws {
    var fixture = try Fixture()
    try fixture.editor.renew("root", expires: newYear + 500 * day)
    try fixture.editor.sign("root", with: fixture.rootKeys[0])
    #expect(throws: TUFError(.edit, "")) { try fixture.editor.files() }
    try fixture.editor.renew("agent", expires: newYear + 500 * day)
    #expect(throws: TUFError(.edit, "")) { try fixture.editor.updateSnapshot(expires: newYear + day) }
    #expect(throws: TUFError(.edit, "")) { try fixture.editor.sign("agent", with: fixture.targetsKey) }
    #expect(throws: TUFError(.edit, "")) { try fixture.editor.sign("targets", with: fixture.targetsKey) }
  }

  @Test func aSnapshotOlderThanItsTargetsIsNotPublished() throws {
    var fixture = try Fixture()
    try fixture.editor.setTarget("a", length: 1, sha256: sha256([1]))
    try fixture.editor.sign(with: fixture.keys)
    #expect(throws: TUFError(.edit, "")) { try fixture.editor.files() }
  }

  @Test func aRoleThatComesBackGoesOnWithItsVersions() async throws {
    var fixture = try Fixture()
    try fixture.next()
    let store = fixture.store()
    var client = fixture.client(store)
    try await client.refresh()
    try fixture.editor.removeDelegation(to: "agent")
    try fixture.publish()
    client = fixture.client(store)
    #expect(try await client.refresh().snapshot?.metadata.meta["agent.json"]?.version == 2)
    #expect(try await client.target(Fixture.path) == nil)
    try fixture.editor.delegate(
      to: "agent", keys: [fixture.agentKey.publicKey], threshold: 1, paths: ["*"], terminating: true,
      expires: newYear + day)
    #expect(try fixture.editor.header(of: "agent")?.version == 3)
    try fixture.publish()
    client = fixture.client(store)
    #expect(try await client.targets(signedBy: "agent").isEmpty)
  }

  @Test func unknownFieldsOutliveAnEdit() throws {
    var fixture = try Fixture()
    try fixture.forge("1.targets.json", keys: [fixture.targetsKey]) { $0["x-note"] = .string("kept") }
    try fixture.reopen()
    try fixture.editor.setTarget("a", length: 1, sha256: sha256([1]))
    #expect(try fixture.editor.header(of: "targets")?.fields["x-note"] == .string("kept"))
  }

  @Test func keysThatNoRoleUsesLeaveRoot() throws {
    var fixture = try Fixture()
    try fixture.editor.appoint([fixture.agentKey.publicKey], threshold: 1, to: .targets)
    let listed = try fixture.editor.root().keys.values.compactMap(\.publicKey)
    #expect(listed.contains(fixture.agentKey.publicKey) && !listed.contains(fixture.targetsKey.publicKey))
  }

  @Test(arguments: ["", "/a", "a/", "a//b", "../a", "a/./b", "a\nb"]) func unusablePathsAreRefused(_ path: String)
    throws
  {
    var fixture = try Fixture()
    #expect(throws: TUFError(.edit, "")) { try fixture.editor.setTarget(path, length: 1, sha256: sha256([1])) }
  }

  @Test func impossibleAppointmentsAreRefused() throws {
    var fixture = try Fixture()
    let key = fixture.targetsKey.publicKey
    for (keys, threshold) in [([key], 0), ([key], 2), ([key, key], 2), ([], 1)] {
      #expect(throws: TUFError(.edit, "")) { try fixture.editor.appoint(keys, threshold: threshold, to: .targets) }
    }
    for name in ["root", "", ".hidden", "a/b"] {
      #expect(throws: TUFError.self) {
        try fixture.editor.delegate(
          to: name, keys: [key], threshold: 1, paths: ["*"], terminating: true, expires: newYear)
      }
    }
    #expect(throws: TUFError(.edit, "")) {
      try fixture.editor.setTarget("elsewhere", length: 1, sha256: sha256([1]), in: "agent")
    }
  }

  /// A product's role that delegates to another product's, by whatever tool: which keys are asked for must not depend on
  /// how the roles are called.
  @Test func whereTwoDelegateToARoleTopLevelTargetsIsAsked() throws {
    var fixture = try Fixture()
    let theirs = try PrivateKey.generate()
    try fixture.editor.delegate(
      to: "agent-rollout", from: "agent", keys: [theirs.publicKey], threshold: 1, paths: ["*"], terminating: false,
      expires: newYear + day)
    #expect(Array(try fixture.editor.authority(of: "agent-rollout").keys.values) == [fixture.onlineKey.publicKey])
    #expect(try fixture.editor.signatures(of: "agent-rollout").count == 2)
    let before = try fixture.editor.proposal()
    #expect(throws: TUFError(.edit, "")) {
      try fixture.editor.appoint([theirs.publicKey], threshold: 1, toDelegated: "agent-rollout")
    }
    #expect(try fixture.editor.proposal() == before)
    try fixture.editor.removeDelegation(to: "agent-rollout", from: "agent")
    try fixture.editor.appoint([theirs.publicKey], threshold: 1, toDelegated: "agent-rollout")
    #expect(Array(try fixture.editor.authority(of: "agent-rollout").keys.values) == [theirs.publicKey])
  }
}

extension Fixture {
  /// The published repository as another machine opens it.
  static func reopened(_ fixture: Fixture) throws -> RepositoryEditor {
    try RepositoryEditor(opening: { fixture.files[$0] })
  }
}
