import Testing

@testable import TUF

@Suite struct AttackTests {
  @Test(arguments: Attack.all) func isRefused(_ attack: Attack) async throws {
    let (fixture, store) = try await Self.trustingVersion2(attack)
    let before = store.contents
    var forged = fixture
    try attack.forge(&forged)
    var client = attack.client(forged, store, stalled: attack.stalled)
    switch attack.outcome {
    case .absent:
      #expect(try await client.target(attack.path) == nil)
    case .refused(let code, let role):
      let failure = await #expect(throws: TUFError.self) { try await Self.install(attack.path, &client, forged) }
      #expect(failure?.code == code, "\(failure.map { "\($0)" } ?? "")")
      #expect(failure?.role == role)
      if attack.isAboutContent { return }
      // Section 5.3.8 stores a root before 5.3.10 looks at its expiry.
      let untouched = attack.outcome == .refused(.expired, "root") ? "timestamp" : role
      #expect(store.contents[untouched] == before[untouched])
    }
  }

  @Test(arguments: Attack.all) func isAcceptedWithoutTheDefect(_ attack: Attack) async throws {
    var (fixture, store) = try await Self.trustingVersion2(attack)
    try attack.twin?(&fixture)
    var client = attack.client(fixture, store, stalled: nil)
    try await Self.install(attack.twinPath, &client, fixture)
    #expect((client.trusted?.header(of: "timestamp")?.version ?? 0) >= 3)
  }

  @Test func everyKindOfAttackIsTried() {
    #expect(Set(Attack.all.map(\.kind)) == Set(Attack.Kind.allCases))
    #expect(Set(Attack.all.map(\.testDescription)).count == Attack.all.count)
    #expect(Attack.all.count >= 80)
  }

  /// A client that has installed version 2, and a repository that has gone on to version 3.
  private static func trustingVersion2(_ attack: Attack) async throws -> (Fixture, MemoryStore) {
    var fixture = try Fixture()
    try fixture.next()
    let store = fixture.store()
    var client = fixture.client(store, now: newYear + 3600)
    _ = try await client.target(Fixture.path)
    try fixture.next()
    return (fixture, store)
  }

  private static func install(_ path: String, _ client: inout Client, _ fixture: Fixture) async throws {
    guard let target = try await client.target(path) else { throw TUFError(.missing, "no target \(path)") }
    try target.check(fixture.served)
  }
}

extension Attack {
  func client(_ fixture: Fixture, _ store: MemoryStore, stalled: String?) -> Client {
    var limits = Limits.standard
    if stalled != nil { limits.time = .seconds(2) }
    return Client(
      source: StallingSource(files: fixture.files, stalled: stalled), store: store, now: now, limits: limits)
  }
}

/// Files in memory, of which one never arrives.
struct StallingSource: MetadataSource {
  let files: [String: [UInt8]]
  let stalled: String?

  func metadata(named name: String, maximumLength: Int) async throws -> [UInt8]? {
    guard name == stalled else { return files[name] }
    // Nothing ever comes, until whoever waits is cancelled.
    let (nothing, source) = AsyncStream<Never>.makeStream()
    for await _ in nothing {}
    withExtendedLifetime(source) {}
    throw CancellationError()
  }
}
