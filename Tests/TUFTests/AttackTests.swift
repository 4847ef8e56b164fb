import Cryptography
import Testing

@testable import TUF

/// One attack on a client that trusts version 2 of everything: what the attacker serves, and the error that must follow.
/// Nothing of the forged file may reach the store.
struct Attack: Sendable, CustomTestStringConvertible {
  let name: String
  let code: TUFError.Code
  /// The role whose stored bytes must stay as they were.
  let role: String
  let forge: @Sendable (inout Fixture) throws -> Void

  init(
    _ name: String, _ code: TUFError.Code, _ role: String, _ forge: @escaping @Sendable (inout Fixture) throws -> Void
  ) {
    self.name = name
    self.code = code
    self.role = role
    self.forge = forge
  }

  var testDescription: String { name }

  static let all: [Attack] = signatures + rollbacks + expiry + mixes + sizes + shapes
}

@Suite struct AttackTests {
  @Test(arguments: Attack.all) func isRefused(_ attack: Attack) async throws {
    var fixture = try Fixture()
    try fixture.next()
    let store = fixture.store()
    var client = fixture.client(store, now: newYear + 3600)
    _ = try await client.target(Fixture.path)
    let before = store.contents

    // The honest twin: version 3 of everything is accepted from the same state.
    try fixture.next()
    client = fixture.client(MemoryStore(before), now: newYear + 3600)
    _ = try await client.target(Fixture.path)
    #expect(client.trusted?.header(of: "agent")?.version == 3)

    try attack.forge(&fixture)
    client = fixture.client(store, now: newYear + 3600)
    let failure = await #expect(throws: TUFError.self) { _ = try await client.target(Fixture.path) }
    #expect(failure?.code == attack.code, "\(failure.map { "\($0)" } ?? "")")
    #expect(failure?.role == attack.role)
    // Section 5.3.8 stores a root before 5.3.10 looks at its expiry; nothing else may be stored then.
    let untouched = attack.code == .expired && attack.role == "root" ? "timestamp" : attack.role
    #expect(store.contents[untouched] == before[untouched])
  }
}

extension Fixture {
  /// Publishes a further version of every role.
  mutating func next() throws {
    for role in ["root", "targets", "agent"] { try editor.renew(role, expires: newYear + 401 * day) }
    try publish(at: newYear + 60)
  }

  /// Forges a targets file and makes snapshot and timestamp, honestly signed, agree with it.
  mutating func forgeListed(_ name: String, keys: [PrivateKey], _ change: (inout JSONValue) throws -> Void) throws {
    try forge(name, keys: keys, change)
    try relist()
  }

  /// Drops lengths and hashes, so that what is tested is not hidden by them.
  mutating func relist(_ change: (inout JSONValue) -> Void = { _ in }) throws {
    let version = try editor.header(of: "snapshot")?.version ?? 0
    try forge("\(version).snapshot.json", keys: [onlineKey]) { signed in
      for name in signed["meta"]?.object?.keys.map({ $0 }) ?? [] {
        signed["meta"]?[name]?["hashes"] = nil
        signed["meta"]?[name]?["length"] = nil
      }
      change(&signed)
    }
    try forge("timestamp.json", keys: [onlineKey]) { signed in
      signed["meta"]?["snapshot.json"]?["hashes"] = nil
      signed["meta"]?["snapshot.json"]?["length"] = nil
    }
  }
}
