import Posix
import Testing

@testable import Installation

@Suite struct MirroredFilesTests {
  let fixture: Fixture
  let files: MirroredFiles
  let folder: Directory
  let copies: Directory
  let text = Array("what was written".utf8)

  init() throws {
    fixture = try Fixture()
    files = fixture.layout.sealed
    try files.write(text, "a.json")
    folder = try Directory.open(fixture.layout.trees)
    copies = try Directory.open(fixture.layout.treeCopies)
  }

  @Test(arguments: [[], Array("what was wriTTen".utf8), [0, 0, 0]] as [[UInt8]])
  func aSpoiltFileReadsAsItWasWrittenAndIsWrittenAgain(_ spoilt: [UInt8]) throws {
    try DurableFile.write(spoilt, "a.json", in: folder)
    #expect(try files.read("a.json", limit: 100) == text)
    #expect(try files.mend("a.json", limit: 100) { _ in false } == .restored)
    #expect(try folder.read("a.json", limit: 100) == text)
    #expect(try folder.read("a.json.corrupt", limit: 100) == spoilt)
    #expect(try files.mend("a.json", limit: 100) { _ in false } == .sound)
  }

  @Test func aCopyWithOneOtherBitCountsForNothing() throws {
    var bytes = try #require(try copies.read("a.json", limit: 200))
    bytes[bytes.count - 1] ^= 1
    try DurableFile.write(bytes, "a.json", in: copies)
    #expect(try files.read("a.json", limit: 100) == text)
    #expect(try files.mend("a.json", limit: 100) { $0 == text } == .copied)
    #expect(files.copy("a.json", limit: 100) == text)
  }

  @Test func aFileWithoutACopyMustBeAccepted() throws {
    try copies.unlink("a.json")
    #expect(try files.mend("a.json", limit: 100) { _ in false } == .lost)
    #expect(try files.read("a.json", limit: 100) == nil)
    #expect(try folder.read("a.json.corrupt", limit: 100) == text)
    #expect(try files.mend("a.json", limit: 100) { _ in false } == .absent)
    try files.write(text, "a.json")
    #expect(try files.mend("a.json", limit: 100) { _ in false } == .sound)
  }

  @Test func whatIsNoFileIsReplacedOnBothSides() throws {
    for directory in [folder, copies] {
      try directory.unlink("a.json")
      try directory.makeDirectory("a.json", mode: 0o755).create("in", mode: 0o644).close()
    }
    #expect(try files.mend("a.json", limit: 100) { _ in true } == .lost)
    try files.write(text, "a.json")
    #expect(try files.mend("a.json", limit: 100) { _ in false } == .sound)
  }

  @Test func removalTakesBoth() throws {
    try files.remove("a.json")
    #expect(try files.read("a.json", limit: 100) == nil)
    #expect(try copies.names() == [])
    try files.remove("a.json")
  }

  /// Cut off between the copy and the file: the newer counts, and is never gone back on.
  @Test func theCopyIsNeverTheOlder() throws {
    try files.writeCopy(Array("newer".utf8), "a.json")
    #expect(try files.read("a.json", limit: 100) == Array("newer".utf8))
    #expect(try files.mend("a.json", limit: 100) { _ in false } == .restored)
    #expect(try folder.read("a.json", limit: 100) == Array("newer".utf8))
  }
}
