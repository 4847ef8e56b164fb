import Product
import Testing

@Suite struct PolicyTests {
  @Test func policiesAndChannelsSurviveTheirEncoding() throws {
    let id = try ProductID("room-agent")
    let policy = Policy(
      id: id, releases: [SemanticVersion(1, 0, 0), SemanticVersion(1, 1, 0)], floor: SemanticVersion(1, 0, 0),
      blocked: [SemanticVersion(0, 9, 0)], critical: [SemanticVersion(1, 1, 0)],
      minimumUpdater: SemanticVersion(1, 0, 0), via: SemanticVersion(1, 0, 0),
      moveTo: RepositoryLocations(metadata: ["https://new.example.com/m/"], targets: ["https://new.example.com/t/"]))
    #expect(try Policy.parse(policy.encoded(), for: id) == policy)
    let offer = Channel.Offer(
      version: SemanticVersion(1, 1, 0), percent: 10, rings: ["early"], notBefore: Timestamp(seconds: 1_795_341_600),
      halts: [Channel.Halt(version: SemanticVersion(1, 0, 5), reason: "crashes", rollBack: true)])
    let channel = Channel(id: id, channel: "stable", platforms: [.linuxX86_64: offer])
    let bytes = try channel.encoded()
    #expect(try Channel.parse(bytes, for: id, channel: "stable") == channel)
    #expect(String(decoding: bytes, as: UTF8.self).contains(#""platforms":{"linux-x86_64":{"#))
    #expect(String(decoding: bytes, as: UTF8.self).contains(#""notBefore":"2026-11-22T10:00:00Z""#))
  }

  @Test func anotherProductsDocumentsAreRefused() throws {
    let own = try ProductID("room-agent")
    let other = try ProductID("sign-player")
    let policy = try Policy(id: other).encoded()
    #expect(throws: ProductError(.wrongProduct, key: "", value: "", allowed: "")) { try Policy.parse(policy, for: own) }
    let foreign = try Channel(id: other, channel: "stable").encoded()
    #expect(throws: ProductError(.wrongProduct, key: "", value: "", allowed: "")) {
      try Channel.parse(foreign, for: own, channel: "stable")
    }
    let beta = try Channel(id: own, channel: "beta").encoded()
    #expect(throws: ProductError(.wrongProduct, key: "", value: "", allowed: "")) {
      try Channel.parse(beta, for: own, channel: "stable")
    }
  }

  @Test(
    arguments: [
      (#"{"schema":"slipway.channel/1","id":"a","channel":"stable","platforms":{}}"#, nil),
      (
        #"{"schema":"slipway.channel/1","id":"a","channel":"stable","platforms":{"linux-riscv64":{"version":"1.0.0"}}}"#,
        nil
      ),
      (#"{"schema":"slipway.channel/1","id":"a","channel":"stable","platforms":{"x":{"version":"1.0.0"}}}"#, .invalid),
      (
        #"{"schema":"slipway.channel/1","id":"a","channel":"stable","platforms":{"a-b":{"version":"1.0.0","percent":101}}}"#,
        .invalid
      ),
      (
        #"{"schema":"slipway.channel/1","id":"a","channel":"stable","platforms":{"a-b":{"version":"1.0.0","notBefore":"soon"}}}"#,
        .invalid
      ),
      (
        #"{"schema":"slipway.channel/1","id":"a","channel":"stable","platforms":{},"requires":["cohort"]}"#,
        .unsupported
      ),
      (#"{"schema":"slipway.channel/2","id":"a","channel":"stable","platforms":{}}"#, .unsupported),
      (#"{"schema":"slipway.channel/1","id":"a","channel":"stable"}"#, .malformed),
    ] as [(String, ProductError.Code?)])
  func channelsAreReadOrRefused(_ json: String, _ expected: ProductError.Code?) throws {
    let id = try ProductID("a")
    var code: ProductError.Code?
    do throws(ProductError) { _ = try Channel.parse(Array(json.utf8), for: id, channel: "stable") } catch {
      code = error.code
    }
    #expect(code == expected)
  }

  @Test func onlyCompleteReleasesOfTheProductsOwnRoleCount() throws {
    let id = try ProductID("room-agent")
    func targets(_ version: String, _ role: String, _ parts: [String], product: String = "room-agent")
      -> [SignedReleases.Target]
    {
      parts.map {
        SignedReleases.Target(
          name: "products/\(product)/releases/\(version)/linux-x86_64.\($0)", role: role, sha256: "\(version) \($0)")
      }
    }
    let all = ["tar.zst", "tree.json", "product.json"]
    let releases = SignedReleases(
      targets("1.0.0", "room-agent", all) + targets("1.1.0", "room-agent", ["tar.zst", "tree.json"])
        + targets("1.2.0", "room-agent-rollout", all) + targets("1.3.0", "room-agent", all, product: "other"), of: id)
    #expect(releases.versions == [SemanticVersion(1, 0, 0)])
    #expect(releases.tree(of: SemanticVersion(1, 0, 0), on: .linuxX86_64) == "1.0.0 tree.json")
    #expect(releases.tree(of: SemanticVersion(1, 0, 0), on: .linuxAArch64) == nil)
  }

  @Test func configurationsAreLaidOverEachOther() throws {
    var base = Configuration()
    base.channel = "stable"
    base.updatesOn = false
    base.window = ["Sat,Sun"]
    base.channelAllowsDowngrade = true
    var local = Configuration()
    local.channel = "beta"
    local.deferMaxSeconds = 3_600
    let merged = local.over(base)
    #expect(merged.channel == "beta")
    #expect(merged.channelAllowsDowngrade == nil)
    #expect(merged.updatesOn == false)
    let manifest = try Sample.manifest()
    #expect(merged.channel(for: manifest) == "beta")
    #expect(merged.repository(for: manifest) == manifest.repository)
    #expect(merged.updates(for: manifest).window == ["Sat,Sun"])
    #expect(merged.updates(for: manifest).deferMaxCriticalSeconds == 3_600)
    #expect(merged.problems().isEmpty)
  }
}
