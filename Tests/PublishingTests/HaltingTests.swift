import Product
import Publishing
import Testing

@Suite struct HaltingTests {
  let id: ProductID

  init() throws { id = try ProductID(Workshop.id) }

  private func halting(
    _ version: String, channel: String? = nil, _ change: Halting.Change, _ workshop: Workshop
  ) throws -> Halting.Result {
    try Halting(product: id, version: try SemanticVersion(version), channel: channel, change: change)
      .run(repository: workshop.repository, signing: workshop.signing())
  }

  @Test func aHaltIsTakenIntoOneChannelOrAllAndTakenBack() throws {
    let workshop = try Workshop.prepared()
    try workshop.promote("1.0.0", channel: "beta")
    let halt = Halting.Change.halt(reason: "loses the camera", rollBack: true)
    #expect(try halting("1.0.0", channel: "beta", halt, workshop).channels == ["beta"])
    #expect(throws: PublishingError(.forbidden, "")) { try workshop.promote("1.0.0", channel: "beta", percent: 1) }
    #expect(try halting("1.0.0", halt, workshop).channels == ["stable"])
    let status = try RepositoryStatus(of: workshop.repository, now: 0)
    #expect(status.products.first?.channels.map { $0.offers.map(\.halted) } == [[["1.0.0"]], [["1.0.0"]]])
    #expect(try halting("1.0.0", halt, workshop).channels.isEmpty)
    #expect(try halting("1.0.0", .resume, workshop).channels == ["beta", "stable"])
    #expect(try halting("1.0.0", .resume, workshop).channels.isEmpty)
    try workshop.promote("1.0.0", channel: "beta", percent: 1)
  }

  @Test func theWayBackIsTheNewestOlderReleaseThatThePolicyAllows() throws {
    let workshop = try Workshop.prepared()
    for version in ["1.1.0", "1.2.0"] { try workshop.pack(version) }
    try workshop.promote("1.2.0")
    var policy = PolicyChange(product: id)
    policy.block = [try SemanticVersion("1.1.0")]
    #expect(try policy.run(repository: workshop.repository, signing: workshop.signing()).isNew)
    let halt = Halting.Change.halt(reason: "crashes", rollBack: true)
    #expect(try halting("1.2.0", halt, workshop).wayBack == SemanticVersion("1.0.0"))
    #expect(try halting("1.0.0", halt, workshop).wayBack == nil)
  }

  @Test func whatCannotBeHaltedIsRefusedAndNothingIsChanged() throws {
    let workshop = try Workshop.prepared()
    let before = try workshop.contents(workshop.repository)
    let halt = Halting.Change.halt(reason: "x", rollBack: false)
    #expect(throws: PublishingError(.unsigned, "")) { try halting("9.9.9", halt, workshop) }
    #expect(throws: PublishingError(.invalidInput, "")) { try halting("1.0.0", channel: "none", halt, workshop) }
    #expect(throws: PublishingError(.invalidInput, "")) {
      try halting("1.0.0", .halt(reason: "", rollBack: false), workshop)
    }
    #expect(try workshop.contents(workshop.repository) == before)
  }
}

@Suite struct PolicyChangeTests {
  let id: ProductID

  init() throws { id = try ProductID(Workshop.id) }

  private func change(
    _ workshop: Workshop, _ set: (inout PolicyChange) throws -> Void
  ) throws -> PolicyChange.Result {
    var change = PolicyChange(product: id)
    try set(&change)
    return try change.run(repository: workshop.repository, signing: workshop.signing())
  }

  @Test func whatIsGivenIsAddedToWhatStands() throws {
    let workshop = try Workshop.prepared()
    for version in ["1.1.0", "1.2.0"] { try workshop.pack(version) }
    try workshop.promote("1.2.0")
    _ = try change(workshop) { $0.block = [try SemanticVersion("1.0.0")] }
    let result = try change(workshop) {
      $0.floor = try SemanticVersion("1.1.0")
      $0.critical = [try SemanticVersion("1.2.0")]
      $0.moveTo = ["https://updates.example.net/room"]
    }
    #expect(result.policy.blocked == [try SemanticVersion("1.0.0")])
    #expect(result.policy.floor == (try SemanticVersion("1.1.0")))
    #expect(result.policy.critical == [try SemanticVersion("1.2.0")])
    #expect(result.policy.moveTo?.metadata == ["https://updates.example.net/room/metadata/"])
    #expect(result.policy.moveTo?.targets == ["https://updates.example.net/room/targets/"])
    #expect(result.warnings.count == 1)
    #expect(try !change(workshop) { $0.floor = try SemanticVersion("1.1.0") }.isNew)
    #expect(try change(workshop) { $0.moveTo = [] }.policy.moveTo == nil)
  }

  @Test func aFloorAboveWhatAChannelOffersIsRefused() throws {
    let workshop = try Workshop.prepared()
    try workshop.pack("1.1.0")
    #expect(throws: PublishingError(.forbidden, "")) {
      try change(workshop) { $0.floor = try SemanticVersion("1.1.0") }
    }
    try workshop.promote("1.1.0")
    #expect(try change(workshop) { $0.floor = try SemanticVersion("1.1.0") }.isNew)
  }

  @Test func versionsThatAreNoReleasesAndAddressesThatAreNoneAreRefused() throws {
    let workshop = try Workshop.prepared()
    let unknown = try SemanticVersion("7.0.0")
    for set: (inout PolicyChange) -> Void in [
      { $0.floor = unknown }, { $0.block = [unknown] }, { $0.critical = [unknown] },
      {
        $0.minimumUpdater = unknown; $0.via = unknown
      },
    ] {
      #expect(throws: PublishingError(.unsigned, "")) { try change(workshop, set) }
    }
    for address in ["", "ftp://x/", "https://"] {
      #expect(throws: PublishingError(.invalidInput, ""), "\(address)") {
        try change(workshop) { $0.moveTo = [address] }
      }
    }
  }

  @Test func aMinimumUpdaterWithoutASteppingStoneIsWarnedOf() throws {
    let workshop = try Workshop.prepared()
    let minimum = try SemanticVersion("2.0.0")
    #expect(try change(workshop) { $0.minimumUpdater = minimum }.warnings.count == 1)
    let stone = try SemanticVersion("1.0.0")
    #expect(
      try change(workshop) {
        $0.minimumUpdater = minimum
        $0.via = stone
      }.warnings.isEmpty)
  }
}
