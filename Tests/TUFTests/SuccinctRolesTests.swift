import Cryptography
import Testing

@testable import TUF

/// Hash bins of TAP 15; that they are the bins of python-tuf is shown in Tests/system.
@Suite struct SuccinctRolesTests {
  @Test(arguments: [(1, "bins-1"), (4, "bins-e"), (5, "bins-1c"), (8, "bins-e3"), (32, "bins-e3b0c442")])
  func aBinIsTheFirstBitsOfTheHashOfThePath(_ bitLength: Int, _ name: String) throws {
    // SHA-256 of nothing begins with e3b0c442.
    let roles = try roles(bitLength)
    let bin = try #require(roles.delegation(for: ""))
    #expect(bin.name == name && bin.isTerminating && bin.covers(""))
    #expect(roles.delegation(named: name)?.scope == bin.scope)
  }

  @Test(arguments: ["bins-", "bins-1", "bins-E3", "bins-+1", "bin-e3", "bins-e30", "bins", "x", "bins-\u{661}1"])
  func otherNamesAreNoBins(_ name: String) throws {
    #expect(try roles(8).delegation(named: name) == nil)
  }

  @Test(arguments: [0, -1, 33, Int64.max]) func impossibleNumbersOfBinsAreRefused(_ bitLength: Int64) {
    #expect(throws: TUFError(.malformed, "")) { try roles(Int(bitLength)) }
  }

  @Test func bothKindsOfDelegationsAtOnceAreRefused() throws {
    let fields = try Fields(
      .object(["keys": .object([:]), "roles": .array([]), "succinct_roles": Self.json(4)]), "delegations")
    #expect(throws: TUFError(.malformed, "")) { try Delegations(fields) }
  }

  @Test func theClientAndTheStoreKnowTheBinsThatTheSnapshotLists() async throws {
    var fixture = try Fixture()
    try fixture.next()
    let key = try Key(fixture.agentKey.publicKey)
    try fixture.forge("2.targets.json", keys: [fixture.targetsKey]) {
      $0["delegations"] = .object([
        "keys": .object([key.keyid: key.json]), "succinct_roles": Self.json(4, keyid: key.keyid),
      ])
    }
    let number = try #require(SuccinctRoles.number(of: Fixture.path, bitLength: 4))
    let bin = "bins-\(String(number, radix: 16))"
    try fixture.forge("2.agent.json", keys: [fixture.agentKey], as: "1.\(bin).json") { $0["version"] = .integer(1) }
    try fixture.relist { $0["meta"]?["\(bin).json"] = .object(["version": .integer(1)]) }
    let store = fixture.store()
    var client = fixture.client(store)
    #expect(try await client.target(Fixture.path)?.role == bin)
    #expect(try await client.targets(signedBy: bin).map(\.path) == [Fixture.path])
    let loaded = try Client.load(from: store)
    #expect(loaded.target(Fixture.path)?.role == bin && loaded.isComplete)
    let editor = try RepositoryEditor(opening: { fixture.files[$0] })
    #expect(editor.roles.contains(bin))
  }

  private func roles(_ bitLength: Int) throws -> SuccinctRoles {
    try SuccinctRoles(Fields(Self.json(bitLength), "succinct_roles"), keys: [:])
  }

  private static func json(_ bitLength: Int, keyid: String = "00") -> JSONValue {
    .object([
      "keyids": .array([.string(keyid)]), "threshold": .integer(1), "bit_length": .integer(Int64(bitLength)),
      "name_prefix": .string("bins"),
    ])
  }
}
