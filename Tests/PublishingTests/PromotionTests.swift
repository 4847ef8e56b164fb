import Product
import Publishing
import Testing

@Suite struct PromotionTests {
  @Test func promotionOffersTheVersionToTheChannel() throws {
    let workshop = try Workshop.prepared()
    try workshop.pack("1.1.0")
    let result = try workshop.promote("1.1.0", percent: 10)
    let offer = try #require(result.channel.platforms[try Platform("linux-x86_64")])
    #expect(offer.version == (try SemanticVersion("1.1.0")))
    #expect(offer.percent == 10)
    #expect(try !workshop.promote("1.1.0", percent: 10).isNew)
    #expect(try workshop.promote("1.1.0", percent: 50).isNew)
    let status = try RepositoryStatus(of: workshop.repository, now: 0)
    #expect(status.products.first?.channels.first?.offers.first?.percent == 50)
  }

  @Test func aVersionThatTheOfflineRoleHasNotSignedIsRefused() throws {
    let workshop = try Workshop.prepared()
    let before = try workshop.contents(workshop.repository)
    #expect(throws: PublishingError(.unsigned, "")) { try workshop.promote("9.9.9") }
    #expect(try workshop.contents(workshop.repository) == before)
  }

  @Test func aVersionThatLacksAPlatformIsRefusedUntilItIsThere() throws {
    let workshop = try Workshop(platforms: ["linux-x86_64", "linux-aarch64"])
    try workshop.initialize()
    try workshop.pack("1.0.0")
    #expect(throws: PublishingError(.incomplete, "")) { try workshop.promote("1.0.0") }
    try workshop.pack("1.0.0", platform: "linux-aarch64")
    #expect(try workshop.promote("1.0.0").channel.platforms.count == 2)
  }

  @Test func aReleaseWhoseFileIsDamagedIsRefused() throws {
    let workshop = try Workshop.prepared()
    let archive = try #require(try workshop.contents(workshop.repository).keys.first { $0.hasSuffix(".tar.zst") })
    try workshop.write("other", workshop.repository.appending(archive))
    #expect(throws: PublishingError(.damaged, "")) { try workshop.promote("1.0.0", channel: "beta") }
  }

  @Test(arguments: ["", "Stable", "../stable", "a/b", "-x", String(repeating: "a", count: 33)])
  func aChannelNameThatIsNoLabelIsRefused(_ name: String) throws {
    let workshop = try Workshop.prepared()
    #expect(throws: PublishingError(.invalidInput, "")) { try workshop.promote("1.0.0", channel: name) }
  }
}
