import Cryptography
import Foundation
import Posix
import Product
import Publishing
import SystemPackage
import TUF
import Testing

@Suite struct CeremonyTests {
  @Test func theLastSignaturePublishes() async throws {
    let workshop = try Workshop.prepared()
    let before = try workshop.metadata()
    let new = try workshop.newKey("carol")
    try workshop.change("root", .add([new]), files: ["root/root-1.pem"], proposal: "change")
    #expect(try workshop.metadata() == before)
    let review = try Review(of: workshop.path.appending("change"), repository: workshop.repository)
    #expect(review.signatures.map(\.have) == [1, 1])
    #expect(review.words.contains { $0.contains("root: adds the key \((try? Key(new).keyid) ?? "?")") })
    let result = try #require(try workshop.sign("change", ["root/root-2.pem"]))
    #expect(result.isPublished)
    #expect(result.added.map(\.role) == ["root"])
    #expect(Set(try workshop.metadata()).subtracting(before) == ["2.root.json"])
    #expect(try !Review.exists(workshop.path.appending("change")))
    try await workshop.expectOrder()
  }

  @Test func belowTheThresholdNothingIsPublishedWithoutAProposal() throws {
    let workshop = try Workshop.prepared()
    let before = try workshop.contents(workshop.repository)
    #expect(throws: PublishingError(.keyMissing, "")) {
      try workshop.change("root", .add([try workshop.newKey("carol")]), files: ["root/root-1.pem"])
    }
    #expect(try workshop.contents(workshop.repository) == before)
  }

  /// The product's own keys, in others' hands, must not reach beyond the product.
  @Test(arguments: [true, false]) func aProductsKeysReachNoOtherProduct(_ isDelegating: Bool) throws {
    let workshop = try Workshop.prepared()
    let before = try workshop.contents(workshop.repository)
    var editor = try workshop.editor()
    if isDelegating {
      try editor.delegate(
        to: "door-sign-rollout", from: "room-agent", keys: [try workshop.newKey("theirs")], threshold: 1, paths: ["*"],
        terminating: true, expires: HostClock.wallSeconds() + 86_400)
    } else {
      try editor.setTarget("products/room-agent/policy.json", length: 0, sha256: try sha256([]), in: "room-agent")
    }
    let proposal = try #require(try editor.proposal())
    // The editor would refuse to list it; who writes a proposal by hand does not ask.
    let text = String(decoding: proposal.encoded(), as: UTF8.self)
      .replacing("products/room-agent/policy.json", with: "products/door-sign/policy.json")
    try workshop.write(text, workshop.path.appending("change"))
    #expect(throws: PublishingError(.invalidInput, "")) {
      _ = try Review(of: workshop.path.appending("change"), repository: workshop.repository)
    }
    #expect(throws: PublishingError(.invalidInput, "")) { try workshop.sign("change", ["room-agent/room-agent-1.pem"]) }
    #expect(try workshop.contents(workshop.repository) == before)
  }

  @Test func aKeyThatHasSignedAddsNothing() throws {
    let workshop = try Workshop.prepared()
    try workshop.change("root", .add([try workshop.newKey("carol")]), files: ["root/root-1.pem"], proposal: "change")
    let file = try workshop.read("change")
    let result = try #require(try workshop.sign("change", ["root/root-1.pem"]))
    #expect(result.added.isEmpty && !result.isPublished)
    #expect(try workshop.read("change") == file)
  }

  @Test func signaturesOfCopiesAreBroughtTogether() throws {
    let workshop = try Workshop.prepared()
    try workshop.change("root", .add([try workshop.newKey("carol")]), files: [], proposal: "change")
    try FileManager.default.copyItem(
      atPath: workshop.path.appending("change").string, toPath: workshop.path.appending("copy").string)
    try workshop.change("root", .add([try workshop.newKey("dave")]), files: [], proposal: "other")
    #expect(try workshop.sign("copy", ["root/root-1.pem"])?.isComplete == false)
    func sign(with copy: String) throws -> Countersigning.Result? {
      try Countersigning(workshop.path.appending("change"), copies: [workshop.path.appending(copy)])
        .run(repository: workshop.repository, signing: workshop.signing(files: ["root/root-2.pem"])) { _ in true }
    }
    #expect(throws: PublishingError(.conflict, "")) { try sign(with: "other") }
    let result = try #require(try sign(with: "copy"))
    #expect(result.added.count == 2 && result.isPublished)
  }

  @Test func aKeyOfAnotherRoleIsRefused() throws {
    let workshop = try Workshop.prepared()
    try workshop.change("root", .add([try workshop.newKey("carol")]), files: ["root/root-1.pem"], proposal: "change")
    let file = try workshop.read("change")
    #expect(throws: PublishingError(.foreignKey, "")) { try workshop.sign("change", ["targets/targets-1.pem"]) }
    #expect(throws: PublishingError(.foreignKey, "")) {
      try workshop.sign("change", ["room-agent/room-agent-1.pem", "root/root-2.pem"])
    }
    #expect(try workshop.read("change") == file)
  }

  @Test func nothingIsSignedUnlessItIsAgreedTo() throws {
    let workshop = try Workshop.prepared()
    try workshop.change("root", .add([try workshop.newKey("carol")]), files: ["root/root-1.pem"], proposal: "change")
    let file = try workshop.read("change")
    #expect(try workshop.sign("change", ["root/root-2.pem"], agrees: false) == nil)
    #expect(try workshop.read("change") == file)
  }

  /// Days from now at which what is proposed expires; the role's own lifetime is 396.
  @Test(arguments: [-1, 0, 793, 2 * 396 + 400, 20 * 365, 2_900_000] as [Int64])
  func aLifetimeThatIsNoneIsRefused(_ days: Int64) throws {
    let workshop = try Workshop.prepared()
    let before = try workshop.contents(workshop.repository)
    try workshop.proposeRenewal(of: "room-agent", days: days)
    #expect(throws: PublishingError(.invalidInput, "")) { try workshop.sign("change", ["room-agent/room-agent-1.pem"]) }
    #expect(try workshop.contents(workshop.repository) == before)
  }

  @Test func aLifetimeIsAsLongAsTheSignerSaysItMayBe() throws {
    let workshop = try Workshop.prepared()
    try workshop.proposeRenewal(of: "room-agent", days: 791)
    #expect(try workshop.sign("change", ["room-agent/room-agent-1.pem"])?.isComplete == true)
    // Each role by its own: those that promote often are signed for 90 days.
    try workshop.proposeRenewal(of: "room-agent-rollout", days: 181)
    let key = "online/room-agent-rollout-1.pem"
    #expect(throws: PublishingError(.invalidInput, "")) { try workshop.sign("change", [key]) }
    var lifetimes = Lifetimes.standard
    lifetimes[.rollout] = 91 * 86_400
    let patient = Signing(
      folder: nil, files: [workshop.keys.appending(key)], reader: KeyReader(passphrases: [Workshop.passphrase]),
      lifetimes: lifetimes, now: HostClock.wallSeconds())
    let result = try Countersigning(workshop.path.appending("change"))
      .run(repository: workshop.repository, signing: patient) { _ in true }
    #expect(result?.isComplete == true)
  }

  @Test(arguments: ["sha512", "blake2b-256"]) func aTargetWithoutASHA256IsNotSigned(_ algorithm: String) throws {
    let workshop = try Workshop.prepared()
    let before = try workshop.contents(workshop.repository)
    var editor = try workshop.editor()
    try editor.setTarget("products/room-agent/policy.json", length: 0, sha256: try sha256([]), in: "room-agent")
    let text = String(decoding: try #require(try editor.proposal()).encoded(), as: UTF8.self)
    let digest = try sha256([]).hex
    let forged = text.replacing("\"sha256\": \"\(digest)\"", with: "\"\(algorithm)\": \"\(digest)\(digest)\"")
    #expect(forged != text)
    try workshop.write(forged, workshop.path.appending("change"))
    let refusal = #expect(throws: PublishingError(.invalidInput, "")) {
      try workshop.sign("change", ["room-agent/room-agent-1.pem"])
    }
    #expect(refusal?.message.contains("products/room-agent/policy.json without a SHA-256") == true)
    #expect(try workshop.contents(workshop.repository) == before)
  }

  @Test func aStaleProposalIsRefused() throws {
    let workshop = try Workshop.prepared()
    try workshop.change("root", .add([try workshop.newKey("carol")]), files: ["root/root-1.pem"], proposal: "change")
    _ = try Renewal(roles: ["root"]).run(repository: workshop.repository, signing: workshop.signing())
    let before = try workshop.contents(workshop.path)
    #expect(throws: PublishingError(.stale, "")) { try workshop.sign("change", ["root/root-2.pem"]) }
    #expect(throws: PublishingError(.stale, "")) {
      try workshop.change("root", .add([try workshop.newKey("d")]), files: ["root/root-1.pem"], proposal: "change")
    }
    #expect(try workshop.contents(workshop.path).filter { !$0.key.hasPrefix("d") } == before)
  }

  @Test func aChangeOfAnotherRoleLeavesAProposalAsItIs() throws {
    let workshop = try Workshop.prepared()
    try workshop.change("root", .add([try workshop.newKey("carol")]), files: ["root/root-1.pem"], proposal: "change")
    try workshop.pack("1.1.0")
    #expect(try workshop.sign("change", ["root/root-2.pem"])?.isPublished == true)
  }

  @Test func changesGatherInOneProposal() async throws {
    let workshop = try Workshop.prepared()
    let (carol, dave) = (try workshop.newKey("carol"), try workshop.newKey("dave"))
    try workshop.change("root", .add([carol]), files: ["root/root-1.pem"], proposal: "change")
    try workshop.change("targets", .rotate([dave]), files: ["root/root-1.pem"], proposal: "change")
    let review = try Review(of: workshop.path.appending("change"), repository: workshop.repository)
    #expect(review.changes.map(\.role) == ["root", "targets"])
    // The new targets key is needed too; root alone is not published.
    #expect(try workshop.sign("change", ["root/root-2.pem"])?.isComplete == false)
    let complete = try #require(try workshop.sign("change", ["dave"]))
    #expect(complete.isComplete && !complete.isPublished)
    #expect(try workshop.sign("change", ["online/snapshot-1.pem", "online/timestamp-1.pem"])?.isPublished == true)
    try await workshop.expectOrder()
  }

  @Test func aCopyOfTheMetadataIsSignedInButNotPublishedIn() throws {
    let workshop = try Workshop.prepared()
    try workshop.change("root", .add([try workshop.newKey("carol")]), files: ["root/root-1.pem"], proposal: "change")
    let stick = workshop.path.appending("stick")
    try FileManager.default.createDirectory(atPath: stick.string, withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      atPath: workshop.repository.appending("metadata").string, toPath: stick.appending("metadata").string)
    let before = try FileManager.default.subpathsOfDirectory(atPath: stick.string)
    let result = try #require(try workshop.sign("change", ["root/root-2.pem"], at: stick))
    #expect(result.isComplete && !result.isPublished)
    #expect(try FileManager.default.subpathsOfDirectory(atPath: stick.string) == before)
    // At home no key is needed any more.
    #expect(try workshop.sign("change", [])?.isPublished == true)
  }

  /// Where nothing can be locked but what is written: the proposal.
  @Test func copiesOfOneProposalAreSignedOneAtATime() throws {
    let workshop = try Workshop.prepared()
    let stick = workshop.path.appending("stick")
    try FileManager.default.createDirectory(atPath: stick.string, withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      atPath: workshop.repository.appending("metadata").string, toPath: stick.appending("metadata").string)
    let new = try workshop.newKey("carol")
    // Proposed in the copy as well.
    _ = try KeyChange(role: "root", kind: .add([new]))
      .run(repository: stick, signing: workshop.signing(files: ["root/root-1.pem"], proposal: "change"))
    let file = try workshop.read("change")
    let lock = open(workshop.path.string, O_RDONLY | O_DIRECTORY)
    defer { close(lock) }
    #expect(flock(lock, LOCK_EX | LOCK_NB) == 0)
    #expect(throws: PublishingError(.locked, "")) { try workshop.sign("change", ["root/root-2.pem"], at: stick) }
    #expect(try workshop.read("change") == file)
    #expect(flock(lock, LOCK_UN) == 0)
    #expect(try workshop.sign("change", ["root/root-2.pem"], at: stick)?.isComplete == true)
    #expect(throws: PublishingError(.noRepository, "")) {
      try KeyChange(role: "root", kind: .add([new])).run(repository: stick, signing: workshop.signing())
    }
  }

  @Test func aChangeIsNotShownAgainstAForgedState() throws {
    let workshop = try Workshop.prepared()
    try workshop.change("root", .add([try workshop.newKey("carol")]), files: ["root/root-1.pem"], proposal: "change")
    let name = "repo/metadata/2.targets.json"
    let text = String(decoding: try workshop.read(name), as: UTF8.self)
    try workshop.write(text.replacingOccurrences(of: "releases/", with: "anything/"), workshop.path.appending(name))
    #expect(throws: PublishingError(.damaged, "")) { try workshop.sign("change", ["root/root-2.pem"]) }
  }

  @Test func aReleaseIsNotPublishedWithoutItsBytes() throws {
    let workshop = try Workshop.prepared()
    try workshop.pack("1.1.0", signing: workshop.signing(files: [], proposal: "change"))
    #expect(try workshop.sign("change", ["room-agent/room-agent-1.pem"])?.isComplete == true)
    let archive = try #require(
      try workshop.contents(workshop.repository).keys.first { $0.contains("1.1.0") && $0.hasSuffix(".tar.zst") })
    try FileManager.default.removeItem(atPath: workshop.repository.appending(archive).string)
    #expect(throws: PublishingError(.damaged, "")) {
      try workshop.sign("change", ["online/snapshot-1.pem", "online/timestamp-1.pem"])
    }
  }

  @Test(arguments: ["root", "targets", "snapshot", "timestamp", "room-agent", "room-agent-rollout"])
  func everyRoleIsRotated(_ role: String) async throws {
    let workshop = try Workshop.prepared()
    let before = try workshop.editor().authority(of: role)
    let result = try KeyChange(role: role, kind: .rotate([]))
      .run(repository: workshop.repository, signing: workshop.signing())
    #expect(result.isNew)
    let after = try workshop.editor().authority(of: role)
    #expect(after.keyids.count == before.keyids.count && after.threshold == before.threshold)
    #expect(Set(after.keyids).isDisjoint(with: before.keyids))
    try await workshop.expectOrder()
    try workshop.pack("1.1.0")
    try workshop.promote("1.1.0")
    try await workshop.expectOrder()
  }

  @Test func keysComeAndGo() async throws {
    let workshop = try Workshop.prepared()
    let new = try workshop.newKey("carol")
    _ = try KeyChange(role: "targets", kind: .add([new]))
      .run(repository: workshop.repository, signing: workshop.signing())
    let old = try #require(try workshop.editor().authority(of: "targets").keys.first { $0.value != new })
    // What is published is signed by the old key alone, so the one that is left has to sign now.
    #expect(throws: PublishingError(.keyMissing, "")) {
      try KeyChange(role: "targets", kind: .remove([old.key]))
        .run(repository: workshop.repository, signing: workshop.signing())
    }
    let signing = workshop.signing(files: ["carol"], folder: true)
    _ = try KeyChange(role: "targets", kind: .remove([String(old.key.prefix(8))]))
      .run(repository: workshop.repository, signing: signing)
    #expect(try workshop.editor().authority(of: "targets").keyids == [try Key(new).keyid])
    try await workshop.expectOrder()
  }

  @Test func tooFewKeysAreNeverLeft() throws {
    let workshop = try Workshop.prepared()
    let root = try workshop.editor().authority(of: "root").keyids
    let before = try workshop.contents(workshop.repository)
    for (role, kind, threshold, code) in [
      ("root", .remove(Array(root.prefix(2))), nil, .conflict), ("root", .remove(root), nil, .conflict),
      ("root", .remove([root[0]]), 3, .conflict), ("targets", .add([]), 0, .conflict),
      ("root", .remove([String(root[0].prefix(7))]), nil, .invalidInput),
      ("root", .remove(["0123456789"]), nil, .invalidInput), ("nobody", .rotate([]), nil, .invalidInput),
    ] as [(String, KeyChange.Kind, Int?, PublishingError.Code)] {
      #expect(throws: PublishingError(code, "")) {
        try KeyChange(role: role, kind: kind, threshold: threshold)
          .run(repository: workshop.repository, signing: workshop.signing())
      }
    }
    #expect(try workshop.contents(workshop.repository) == before)
  }

  @Test func anotherTeamSignsItsOwnProduct() async throws {
    let workshop = try Workshop.prepared()
    let (releases, channels) = (try workshop.newKey("theirs"), try workshop.newKey("their-online"))
    let product = try ProductID("door-sign")
    try ProductDelegation(product: product, threshold: 1, keys: [releases], rolloutKeys: [channels]).run(
      repository: workshop.repository, signing: workshop.signing(files: ["targets/targets-1.pem"], proposal: "change"))
    #expect(try workshop.sign("change", ["theirs", "their-online"])?.isComplete == true)
    #expect(try workshop.sign("change", ["online/snapshot-1.pem", "online/timestamp-1.pem"])?.isPublished == true)
    try await workshop.expectOrder()
    let manifest = String(decoding: try workshop.read("product.toml"), as: UTF8.self)
    try workshop.write(manifest.replacingOccurrences(of: "\"room-agent\"", with: "\"door-sign\""), workshop.manifest)
    try workshop.pack("1.0.0", signing: workshop.signing(files: ["theirs"], proposal: "release"))
    #expect(throws: PublishingError(.foreignKey, "")) { try workshop.sign("release", ["targets/targets-1.pem"]) }
    #expect(try workshop.sign("release", ["online/snapshot-1.pem", "online/timestamp-1.pem"])?.isPublished == true)
    try await workshop.expectOrder()
    #expect(throws: PublishingError(.conflict, "")) {
      try ProductDelegation(product: product, threshold: 1, keys: [releases], rolloutKeys: [channels])
        .run(repository: workshop.repository, signing: workshop.signing())
    }
  }

  @Test func aDelegationEndsAndTheProductComesBack() async throws {
    let workshop = try Workshop.prepared()
    let product = try ProductID(Workshop.id)
    let end = DelegationEnd(product: product)
    let targets = ["targets/targets-1.pem"]
    let version = try #require(try workshop.editor().header(of: "room-agent")?.version)
    try end.run(repository: workshop.repository, signing: workshop.signing(files: [], proposal: "change"))
    let review = try Review(of: workshop.path.appending("change"), repository: workshop.repository)
    #expect(review.changes.map(\.role) == ["targets"])
    for text in [
      "no longer delegates to room-agent: ", "no longer delegates to room-agent-rollout: ",
      "room-agent: nobody signs it any more, before 1 of 1 keys",
    ] { #expect(review.words.contains { $0.contains(text) }, "\(text): \(review.words)") }
    #expect(throws: PublishingError(.foreignKey, "")) { try workshop.sign("change", ["room-agent/room-agent-1.pem"]) }
    #expect(try workshop.sign("change", targets)?.isComplete == true)
    #expect(try workshop.sign("change", ["online/snapshot-1.pem", "online/timestamp-1.pem"])?.isPublished == true)
    try await workshop.expectOrder()
    #expect(try workshop.editor().roles == ["root", "snapshot", "targets", "timestamp"])
    #expect(throws: PublishingError(.conflict, "")) {
      try end.run(repository: workshop.repository, signing: workshop.signing())
    }
    // A release that its holders proposed before has nobody to vouch for it any more.
    let freed = try Pruning(grace: 0).run(repository: workshop.repository, now: HostClock.wallSeconds()).removed
    #expect(freed.contains { $0.hasSuffix(".tar.zst") } && !freed.contains { $0.contains(".room-agent.json") })
    let new = try workshop.newKey("theirs")
    try ProductDelegation(product: product, threshold: 1, keys: [new], rolloutKeys: [try workshop.newKey("online")])
      .run(repository: workshop.repository, signing: workshop.signing(files: ["theirs", "online"], folder: true))
    #expect(try workshop.editor().header(of: "room-agent")?.version == version + 1)
    #expect(try workshop.editor().targets("room-agent").files.isEmpty)
    try await workshop.expectOrder()
  }

  @Test func whatWasProposedBeforeTheDelegationEndedIsStale() throws {
    let workshop = try Workshop.prepared()
    try workshop.pack("1.1.0", signing: workshop.signing(files: ["room-agent/room-agent-1.pem"], proposal: "release"))
    try DelegationEnd(product: try ProductID(Workshop.id))
      .run(repository: workshop.repository, signing: workshop.signing())
    let before = try workshop.contents(workshop.repository)
    #expect(throws: PublishingError(.stale, "")) {
      try workshop.sign("release", ["online/snapshot-1.pem", "online/timestamp-1.pem"])
    }
    #expect(try workshop.contents(workshop.repository) == before)
  }

  @Test func onlyWhatIsDueIsRenewed() throws {
    let workshop = try Workshop.prepared()
    let now = HostClock.wallSeconds()
    func renew(after seconds: Int64) throws -> [String] {
      try Renewal(onlyDue: true).run(repository: workshop.repository, signing: workshop.signing(now: now + seconds))
        .map(\.role)
    }
    #expect(try renew(after: 3600).isEmpty)
    #expect(try renew(after: 13 * 3600) == ["timestamp"])
    #expect(try renew(after: 4 * 86_400) == ["snapshot", "timestamp"])
  }

  @Test func whatExpiresSoonIsWarnedOf() throws {
    let workshop = try Workshop.prepared()
    let now = HostClock.wallSeconds()
    func warned(_ days: Int64, ahead: Int64? = nil) throws -> [String: String] {
      let status = try RepositoryStatus(of: workshop.repository, now: now + days * 86_400, ahead: ahead)
      return Dictionary(uniqueKeysWithValues: status.warnings.map { ($0.role, $0.expiry) })
    }
    #expect(try warned(0).isEmpty)
    #expect(try warned(0, ahead: 8 * 86_400) == ["timestamp": "soon", "snapshot": "soon"])
    #expect(try warned(6) == ["timestamp": "expired", "snapshot": "soon"])
    #expect(try warned(70)["room-agent-rollout"] == "soon")
    #expect(try warned(340)["root"] == "soon")
  }
}

extension Workshop {
  /// A new key in a file of that name.
  func newKey(_ name: String) throws -> PublicKey {
    let key = try PrivateKey.generate()
    let pem = try key.encryptedPEM(passphrase: Self.passphrase)
    try write(String(decoding: pem, as: UTF8.self), path.appending(name), mode: 0o600)
    return key.publicKey
  }

  /// With single keys, named relative to the keys folder or to the workshop.
  func signing(
    files: [String], folder: Bool = false, commands: [SignerCommand] = [], proposal: String? = nil
  ) -> Signing {
    Signing(
      folder: folder ? KeyFolder(keys) : nil,
      files: files.map { $0.contains("/") ? keys.appending($0) : path.appending($0) }, commands: commands,
      reader: KeyReader(passphrases: [Self.passphrase]), now: HostClock.wallSeconds(),
      proposal: proposal.map { path.appending($0) })
  }

  /// Writes the proposal "change" by hand, as others may.
  func proposeRenewal(of role: String, days: Int64) throws {
    var editor = try editor()
    try editor.renew(role, expires: HostClock.wallSeconds() + days * 86_400)
    let file = try #require(try editor.proposal()).encoded()
    try write(String(decoding: file, as: UTF8.self), path.appending("change"))
  }

  /// Publishes a new version of the product's role as another tool might, its text changed by `forge`.
  func publishUnchecked(_ forge: (String) -> String) throws {
    var draft = try editor()
    let now = HostClock.wallSeconds()
    try draft.renew("room-agent", expires: now + 100 * 86_400)
    let text = String(decoding: try #require(try draft.proposal()).encoded(), as: UTF8.self)
    let forged = forge(text)
    #expect(forged != text)
    var editor = try editor()
    try editor.adopt(try Proposal(parsing: Array(forged.utf8)))
    var reader = KeyReader(passphrases: [Self.passphrase])
    let signers = try ["room-agent/room-agent", "online/snapshot", "online/timestamp"].map {
      try reader.read(keys.appending("\($0)-1.pem"))
    }
    try editor.finish(snapshotExpires: now + 86_400, timestampExpires: now + 86_400, issued: now, keys: signers)
    for file in try editor.files() {
      try write(String(decoding: file.bytes, as: UTF8.self), repository.appending("metadata/\(file.name)"))
    }
  }

  func change(_ role: String, _ kind: KeyChange.Kind, files: [String], proposal: String? = nil) throws {
    _ = try KeyChange(role: role, kind: kind)
      .run(repository: repository, signing: signing(files: files, proposal: proposal))
  }

  @discardableResult
  func sign(_ proposal: String, _ files: [String], at place: FilePath? = nil, agrees: Bool = true) throws
    -> Countersigning.Result?
  {
    try Countersigning(path.appending(proposal))
      .run(repository: place ?? repository, signing: signing(files: files)) { _ in agrees }
  }

  func metadata() throws -> [String] { try contents(repository.appending("metadata")).keys.sorted() }

  func editor() throws -> RepositoryEditor {
    let files = try contents(repository.appending("metadata"))
    return try RepositoryEditor(opening: { files[$0] })
  }

  func expectOrder() async throws {
    let report = try await Verification(now: HostClock.wallSeconds()).run(repository: repository)
    #expect(report.problems == [])
  }
}
