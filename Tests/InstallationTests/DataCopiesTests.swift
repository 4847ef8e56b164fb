import Glibc
import Posix
import Product
import SystemPackage
import Testing

@testable import Installation

/// Copies of data, each named after the version that wrote it.
@Suite struct DataCopiesTests {
  private let fixture: Fixture
  private let copies: DataCopies
  private let one = SemanticVersion(1, 0, 0)
  private let two = SemanticVersion(2, 0, 0)

  init() throws {
    fixture = try Fixture()
    _ = try Directory.make(fixture.layout.data, below: fixture.layout.root)
    copies = try #require(try DataCopies(fixture.layout))
    try write("one", "state")
  }

  private func write(_ text: String, _ folder: String) throws {
    let place = try Directory.make(fixture.layout.data.appending(folder), below: fixture.layout.root)
    try DurableFile.write(Array(text.utf8), "rows", in: place)
  }

  private func read(_ folder: String) throws -> String? {
    guard let place = try? Directory.open(fixture.layout.data.appending(folder)) else { return nil }
    return try place.read("rows", limit: 100).map { String(decoding: $0, as: UTF8.self) }
  }

  @Test func thereAndBack() throws {
    try copies.keep(["state", "not there"], of: one)
    #expect(try copies.versions() == [one])
    try write("two", "state")
    try copies.bring(one, leaving: two)
    #expect(try read("state") == "one")
    #expect(try read(".slipway/of-2.0.0/state") == "two")
    #expect(try copies.versions() == [two])
    // Said once more, there is nothing to bring.
    try copies.bring(one, leaving: two)
    #expect(try read("state") == "one")
  }

  /// Cut off between the two renames, with one of two folders done.
  @Test func goesOnWhereItWasCutOff() throws {
    try write("other one", "other")
    try copies.keep(["other", "state"], of: one)
    try write("two", "state")
    let data = try Directory.open(fixture.layout.data)
    let aside = try data.directory(".slipway").makeDirectory("of-2.0.0", mode: 0o700)
    try data.rename("state", to: aside, as: "state")
    try copies.bring(one, leaving: two)
    #expect(try read("state") == "one" && read("other") == "other one")
    #expect(try read(".slipway/of-2.0.0/state") == "two")
  }

  @Test func aCopyThatIsNotWholeIsNone() throws {
    let area = try Directory.make(fixture.layout.data.appending(".slipway/new"), below: fixture.layout.root)
    try DurableFile.write([1], "half", in: area)
    #expect(try copies.versions() == [])
    try copies.keep(["state"], of: one)
    #expect(try Directory.open(fixture.layout.data.appending(".slipway/of-1.0.0")).names() == ["state"])
  }

  @Test func dropsWhatNobodyGoesBackTo() throws {
    try copies.keep(["state"], of: one)
    try copies.keep(["state"], of: two)
    try copies.drop(keeping: [two])
    #expect(try copies.versions() == [two])
  }

  /// All of it belongs to the agent's user, and no way back may depend on what it did there.
  @Test(
    arguments: [".slipway", ".slipway/of-1.0.0", ".slipway/of-1.0.0/state", ".slipway/of-2.0.0"],
    ["file", "fifo", "link"])
  func whatIsNoFolderIsNoCopyAndInNobodysWay(_ place: String, _ kind: String) throws {
    try copies.keep(["state"], of: one)
    try write("two", "state")
    let parent = try Directory.open(fixture.layout.data.appending(place).removingLastComponent())
    let name = try #require(FilePath(place).lastComponent?.string)
    try parent.removeTree(name)
    switch kind {
    case "file": try parent.create(name, mode: 0o644).close()
    case "fifo": #expect(mkfifo(fixture.layout.data.appending(place).string, 0o600) == 0)
    default: try parent.makeLink(name, to: "/etc")
    }
    try copies.bring(one, leaving: two)
    #expect(try read("state") == (place.hasSuffix("of-2.0.0") ? "one" : "two"))
    try copies.keep(["state"], of: one)
    #expect(try copies.contents()[one] == ["state"])
  }

  @Test func aFolderOfOursInACopyStopsNothing() throws {
    try copies.keep(["state"], of: one)
    try write("two", "state")
    try write("mine", ".slipway/of-1.0.0/.slipway")
    try copies.bring(one, leaving: two)
    #expect(try read("state") == "one" && copies.versions() == [two])
  }

  @Test func whatIsBehindALinkIsNotCopied() throws {
    let data = try Directory.open(fixture.layout.data)
    try data.rename("state", to: data, as: "elsewhere")
    try data.makeLink("state", to: "elsewhere")
    #expect(throws: InstallationError.self) { try copies.keep(["state"], of: one) }
    #expect(throws: InstallationError.self) { try copies.need(["state"]) }
    #expect(try copies.versions() == [])
  }

  @Test func saysWhatACopyTakes() throws {
    let need = try copies.need(["state", "not there"])
    #expect(need.inodes == 2 && need.bytes >= 4096 && need.freeBytes > 0)
  }
}
