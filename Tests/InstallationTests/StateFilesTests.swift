import Glibc
import Posix
import Product
import Testing

@testable import Installation

@Suite struct StateFilesTests {
  let fixture: Fixture
  init() throws { fixture = try Fixture() }

  @Test(arguments: StateFiles.copies) func nothingOfTheStateIsLostWithATornCopy(_ torn: String) throws {
    let files = try fixture.files()
    for number in 1...3 {
      try files.update { $0.condemn(.init(version: "1.\(number).0", tree: "t\(number)", reason: "crashed", at: "now")) }
    }
    let folder = try Directory.open(fixture.layout.state)
    let bytes = try #require(try folder.read(torn, limit: 1 << 20))
    try DurableFile.write(Array(bytes.prefix(bytes.count / 2)), torn, in: folder)
    #expect(try files.state()?.knownBad.map(\.tree) == ["t1", "t2", "t3"])
    #expect(files.setAsideCorrupt() == [torn])
    try files.update { $0.health = "passing" }
    #expect(try files.state()?.knownBad.count == 3)
    #expect(try folder.status(torn) != nil)
  }

  @Test func whatIsNoFileIsSetAsideAndWhatWasThereBeforeGoes() throws {
    let files = try fixture.files()
    let folder = try Directory.open(fixture.layout.state)
    for _ in 1...2 {
      try folder.makeDirectory("journal.json", mode: 0o755).create("in", mode: 0o644).close()
      #expect(files.setAsideCorrupt() == ["journal.json"])
      #expect(try files.journal() == .idle)
    }
    try folder.makeLink("journal.json", to: "/etc/passwd")
    #expect(files.setAsideCorrupt() == ["journal.json"])
    #expect(try folder.status("journal.json.corrupt")?.kind == .link)
    #expect(try folder.names().filter { $0.hasSuffix(".corrupt") } == ["journal.json.corrupt"])
  }

  @Test func aChangedByteIsNoticedByTheChecksum() throws {
    let files = try fixture.files()
    try files.update { $0.health = "passing" }
    let folder = try Directory.open(fixture.layout.state)
    for name in StateFiles.copies {
      guard let bytes = try folder.read(name, limit: 1 << 20) else { continue }
      let text = String(decoding: bytes, as: UTF8.self)
      let changed = text.split(separator: "passing", omittingEmptySubsequences: false).joined(separator: "failing")
      try DurableFile.write(Array(changed.utf8), name, in: folder)
    }
    #expect(throws: InstallationError(.malformed, "", remedy: "")) { try files.state() }
  }

  @Test(arguments: ["", "{", "[]", #"{"schema":"slipway.journal/1"}"#, "\u{0}\u{1}"])
  func aJournalThatDoesNotReadIsSetAside(_ text: String) throws {
    let files = try fixture.files()
    let folder = try Directory.open(fixture.layout.state)
    try DurableFile.write(Array(text.utf8), "journal.json", in: folder)
    #expect(throws: InstallationError(.malformed, "", remedy: "")) { try files.journal() }
    #expect(files.setAsideCorrupt() == ["journal.json"])
    #expect(try files.journal() == .idle)
    #expect(try folder.read("journal.json.corrupt", limit: 100) == Array(text.utf8))
  }

  /// Of a version on probation, whose way back hangs on each word of it.
  @Test func noChangedBitOfTheJournalIsTakenForAnotherWord() throws {
    let files = try fixture.files()
    let journal = Journal(.proving, from: "1.0.0", to: "1.1.0", tree: "ab")
    try files.record(journal)
    #expect(try files.journal() == journal)
    let folder = try Directory.open(fixture.layout.state)
    let bytes = try #require(try folder.read("journal.json", limit: 1000))
    var noticed = 0
    for index in bytes.indices {
      for bit in 0..<8 {
        var changed = bytes
        changed[index] ^= 1 << bit
        try folder.unlink("journal.json")
        let file = try folder.create("journal.json", mode: 0o644)
        try file.writeFully(changed, path: "journal.json")
        try file.close()
        // A change in the name of the checksum itself says nothing else of the journal.
        do { #expect(try files.journal() == journal) } catch { noticed += 1 }
      }
    }
    #expect(noticed > bytes.count * 7)
  }

  @Test(arguments: StateFiles.copies + [StateFiles.journal]) func whatIsFarTooLongIsSetAside(_ name: String) throws {
    let files = try fixture.files()
    try files.update { $0.health = "passing" }
    try files.record(.idle)
    #expect(truncate(fixture.layout.state.appending(name).string, 1 << 30) == 0)
    #expect(files.setAsideCorrupt() == [name])
    #expect(try files.journal() == .idle && files.state()?.health == "passing")
  }

  @Test func anUnknownStateOfALaterVersionIsKeptAndSeenAsUnknown() throws {
    let files = try fixture.files()
    let text = #"{"schema":"slipway.journal/1","state":"teleporting","from":"1.0.0","to":"2.0.0","novel":7}"#
    try DurableFile.write(Array(text.utf8), "journal.json", in: try Directory.open(fixture.layout.state))
    let journal = try files.journal()
    #expect(journal.state == nil)
    #expect(journal.recordedState == "teleporting")
    #expect(journal.inFlight == ["1.0.0", "2.0.0"])
  }

  @Test func theSeedIsDrawnOnceAndStays() throws {
    let files = try fixture.files()
    try files.update { _ in }
    let seed = try #require(try files.state()?.seed)
    try files.update { $0.health = "x" }
    #expect(seed.count == 64)
    #expect(try files.state()?.seed == seed)
  }
}
