import Glibc
import SystemPackage
import Testing

@testable import Archives

@Suite struct TreeArchiveAttackTests {
  /// A directory to unpack into, among things that must stay as they are.
  private struct Site {
    let scratch: Scratch
    let destination: FilePath
    private let before: [String]

    init() throws {
      scratch = try Scratch()
      _ = try scratch.directory("neighbour")
      try scratch.file("victim", Array("untouched".utf8))
      try scratch.file("neighbour/victim", Array("untouched".utf8))
      destination = try scratch.directory("tree")
      before = try scratch.snapshot(excluding: "tree")
    }

    func extract(_ specimen: Specimen) throws {
      let archive = try scratch.file("archive", specimen.archive)
      defer { unlink(archive.string) }
      try TreeArchive.extract(archive, manifest: try specimen.manifest(), into: destination)
    }

    func expectNothingElseChanged() throws {
      #expect(try scratch.snapshot(excluding: "tree") == before)
    }
  }

  @Test(arguments: Attack.all) func refuses(_ attack: Attack) throws {
    let site = try Site()
    let specimen = try attack.hostile()
    let error = try #require(throws: ArchiveError.self) { try site.extract(specimen) }
    #expect(error.code == attack.code, "\(error)")
    if let entry = attack.entry {
      #expect(error.entry?.contains(entry) == true, "\(error)")
    }
    #expect(error.description.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f })
    try site.expectNothingElseChanged()
  }

  @Test(arguments: Attack.all) func acceptsTheSameWithoutTheDefect(_ attack: Attack) throws {
    let site = try Site()
    let specimen = try attack.twin()
    try site.extract(specimen)
    let differences = try specimen.manifest().differences(in: site.destination, checkHashes: true)
    #expect(differences.isEmpty, "\(differences)")
    try site.expectNothingElseChanged()
  }

  @Test func thereAreEnoughAttacksAndEachHasAName() {
    #expect(Attack.all.count >= 30)
    #expect(Set(Attack.all.map(\.name)).count == Attack.all.count)
  }

  @Test func doesNotReplaceWhatIsAlreadyThere() throws {
    let site = try Site()
    _ = try site.scratch.directory("tree/bin")
    try site.scratch.link("tree/bin/tool", to: "../../victim")
    let error = try #require(throws: ArchiveError.self) { try site.extract(try .plain()) }
    #expect(error.code == .system)
    try site.expectNothingElseChanged()
  }

  @Test func doesNotFollowALinkInThePlaceOfADirectory() throws {
    let site = try Site()
    try site.scratch.link("tree/bin", to: "../neighbour")
    #expect(throws: ArchiveError.self) { try site.extract(try .plain()) }
    try site.expectNothingElseChanged()
  }

  @Test func readsOnlyItsOwnPartOfTheFile() throws {
    let site = try Site()
    let specimen = try Specimen.plain()
    let bytes = specimen.archive
    let file = try FileDescriptor.open(
      try site.scratch.file("bundle", [1, 2, 3] + bytes + [4, 5, 6]), .readOnly)
    defer { try? file.close() }
    let manifest = try specimen.manifest()
    try TreeArchive.extract(file, offset: 3, length: Int64(bytes.count), manifest: manifest, into: site.destination)
    #expect(try manifest.differences(in: site.destination, checkHashes: true) == [])
    let error = try #require(throws: ArchiveError.self) {
      try TreeArchive.extract(
        file, offset: 3, length: Int64(bytes.count) + 4, manifest: manifest, into: try site.scratch.directory("second"))
    }
    #expect([.trailingData, .truncated].contains(error.code))
  }
}
