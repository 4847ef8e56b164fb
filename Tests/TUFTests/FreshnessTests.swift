import Testing

@testable import TUF

@Suite struct FreshnessTests {
  /// The timestamp expires one day after new year, the snapshot after 7, the rollout role after 90, the rest after 400.
  @Test(arguments: [
    (0, false, true), (2, false, false), (2, true, true), (30, true, true), (101, true, true), (102, true, false),
    (399, true, false),
  ]) func offlineWaivesTimestampAndSnapshotUpToTheMaximumAge(_ days: Int64, _ offline: Bool, _ accepted: Bool)
    async throws
  {
    let fixture = try Fixture()
    let policy = offline ? FreshnessPolicy.offline(maximumAge: 100 * day) : .strict
    var client = fixture.client(fixture.store(), now: newYear + days * day, freshness: policy)
    if accepted {
      #expect(try await client.target(Fixture.path)?.role == "agent")
    } else {
      await #expect(throws: TUFError(.expired, "")) { try await client.target(Fixture.path) }
    }
  }

  @Test(arguments: [["agent-rollout"], []] as [Set<String>])
  func theRolloutRoleIsWaivedOnlyByName(_ waived: Set<String>) async throws {
    let fixture = try Fixture()
    let policy = FreshnessPolicy.offline(maximumAge: 200 * day, waivedRoles: waived)
    var client = fixture.client(fixture.store(), now: newYear + 120 * day, freshness: policy)
    if waived.isEmpty {
      await #expect(throws: TUFError(.expired, "")) { try await client.targets(signedBy: "agent-rollout") }
    } else {
      #expect(try await client.targets(signedBy: "agent-rollout").count == 1)
    }
  }

  @Test(arguments: ["root", "targets", "agent"])
  func rootTargetsAndTheProductRoleAreNeverWaived(_ role: String) async throws {
    var fixture = try Fixture()
    try fixture.editor.renew(role, expires: newYear + 10 * day)
    try fixture.publish()
    let policy = FreshnessPolicy.offline(maximumAge: 1000 * day, waivedRoles: ["root", "targets", "agent-rollout"])
    var client = fixture.client(fixture.store(), now: newYear + 11 * day, freshness: policy)
    let failure = await #expect(throws: TUFError.self) { try await client.target(Fixture.path) }
    #expect(failure?.code == .expired && failure?.role == role)
  }

  @Test(arguments: [.strict, .offline(maximumAge: 1000 * day)] as [FreshnessPolicy])
  func offlineWaivesNeitherSignaturesNorRollback(_ policy: FreshnessPolicy) async throws {
    var fixture = try Fixture()
    let old = fixture
    try fixture.next()
    let store = fixture.store()
    var client = fixture.client(store, freshness: policy)
    try await client.refresh()
    client = old.client(store, freshness: policy)
    await #expect(throws: TUFError(.rollback, "")) { try await client.refresh() }
    fixture.files["timestamp.json"] = Array("{\"signed\":{},\"signatures\":[]}".utf8)
    client = fixture.client(store, freshness: policy)
    await #expect(throws: TUFError(.signature, "")) { try await client.refresh() }
  }

  @Test func aKeptTimestampExpiresToo() async throws {
    let fixture = try Fixture()
    let store = fixture.store()
    var client = fixture.client(store)
    try await client.refresh()
    client = fixture.client(store, now: newYear + 2 * day)
    let failure = await #expect(throws: TUFError.self) { try await client.refresh() }
    #expect(failure?.code == .expired && failure?.role == "timestamp")
  }
}
