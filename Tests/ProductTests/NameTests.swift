import Product
import Testing

@Suite struct NameTests {
  @Test(arguments: ["a", "room-agent", "r2-d2", "abcdefghijklmnopqrstuvw"])
  func acceptsProductIDs(_ text: String) throws {
    let id = try ProductID(text)
    #expect(id.text == text)
    #expect(id.fetchUser.utf8.count <= 31)
  }

  @Test(arguments: [
    "", "A", "1a", "-a", "a_b", "a.b", "a/b", "..", "äpfel", "a b", "abcdefghijklmnopqrstuvwx", "root", "targets",
    "snapshot", "timestamp", "room-rollout",
  ])
  func refusesProductIDs(_ text: String) {
    #expect(throws: ProductError.self) { try ProductID(text) }
  }

  @Test(arguments: [
    ("linux-x86_64", true), ("linux-aarch64", true), ("linux-riscv64", true), ("linux", false), ("Linux-x86_64", false),
    ("linux-x86-64", false), ("linux-", false), ("-x", false), ("../x", false), ("", false),
  ])
  func knowsThePlatformsForm(_ text: String, _ isValid: Bool) {
    #expect(((try? Platform(text)) != nil) == isValid)
  }

  @Test func hostIsOneOfTheNamedPlatforms() {
    #expect([Platform.linuxX86_64, .linuxAArch64].contains(Platform.host))
  }

  @Test func targetNamesComeApartAsTheyWerePutTogether() throws {
    let release = ReleaseIdentity(
      id: try ProductID("room-agent"), version: try SemanticVersion("1.5.1-acme.1"), platform: .linuxX86_64)
    for part in TargetNames.ReleasePart.allCases {
      let parsed = TargetNames.parseRelease(TargetNames.release(part, of: release))
      #expect(parsed?.release == release)
      #expect(parsed?.part == part)
    }
    #expect(
      TargetNames.release(.archive, of: release) == "products/room-agent/releases/1.5.1-acme.1/linux-x86_64.tar.zst")
    #expect(TargetNames.policy(release.id) == "products/room-agent/policy.json")
    #expect(TargetNames.channel("stable", of: release.id) == "products/room-agent/channels/stable.json")
  }

  @Test(arguments: [
    "products/room-agent/policy.json", "products/room-agent/releases/1.0.0/linux-x86_64.zip",
    "products/room-agent/releases/1.0/linux-x86_64.tree.json", "products/../releases/1.0.0/linux-x86_64.tree.json",
    "products/room-agent/releases/1.0.0/x/linux-x86_64.tree.json", "/products/a/releases/1.0.0/linux-x86_64.tree.json",
    "products/room-agent/releases/1.0.0/linux.tree.json", "",
  ])
  func otherNamesAreNoReleases(_ name: String) {
    #expect(TargetNames.parseRelease(name) == nil)
  }

  @Test(arguments: [
    ("another", "1.0.0", "linux-x86_64", "id"), ("room-agent", "1.0.1", "linux-x86_64", "version"),
    ("room-agent", "1.0.0", "linux-aarch64", "platform"),
  ])
  func documentsOfAnotherReleaseAreRefused(_ id: String, _ version: String, _ platform: String, _ key: String) throws {
    let own = ReleaseIdentity(
      id: try ProductID("room-agent"), version: SemanticVersion(1, 0, 0), platform: .linuxX86_64)
    try own.mustMatch(id: "room-agent", version: "1.0.0", platform: "linux-x86_64", of: "tree manifest")
    let error = #expect(throws: ProductError.self) {
      try own.mustMatch(id: id, version: version, platform: platform, of: "tree manifest")
    }
    #expect(error?.code == .wrongProduct)
    #expect(error?.key == key)
  }

  @Test(arguments: [
    ("de_AT.UTF-8", "Tür"), ("de-DE", "Türe"), ("de", "Tür"), ("fr_FR", "Door"), ("", "Door"), ("C", "Door"),
  ])
  func translationsAreFoundByLanguage(_ language: String, _ expected: String) {
    let text = LocalizedText("Door", byLanguage: ["de": "Tür", "de-DE": "Türe"])
    #expect(text.text(for: language) == expected)
  }

  @Test func bucketsAreStableInRangeAndDifferByVersion() throws {
    let id = try ProductID("room-agent")
    // Stands in for SHA-256: what matters here is what goes in and how the number comes out.
    let hash = { (bytes: [UInt8]) -> [UInt8] in
      var sum: UInt64 = 14_695_981_039_346_656_037
      for byte in bytes { sum = (sum ^ UInt64(byte)) &* 1_099_511_628_211 }
      return (0..<8).map { UInt8(truncatingIfNeeded: sum >> (56 - 8 * $0)) }
    }
    var seen: Set<Int> = []
    for patch in 0..<500 as Range<UInt64> {
      let version = SemanticVersion(1, 0, patch)
      let number = Bucket.number(seed: [1, 2, 3], product: id, version: version, sha256: hash)
      #expect(number == Bucket.number(seed: [1, 2, 3], product: id, version: version, sha256: hash))
      #expect((0..<100).contains(number))
      seen.insert(number)
    }
    #expect(seen.count > 90)
    var input: [UInt8] = []
    let fixed = Bucket.number(seed: [9], product: id, version: SemanticVersion(1, 2, 3)) { bytes in
      input = bytes
      return [0, 0, 0, 0, 0, 0, 1, 44, 255]
    }
    #expect(input == [9, 0] + Array("room-agent".utf8) + [0] + Array("1.2.3".utf8))
    #expect(fixed == 0)
  }
}
