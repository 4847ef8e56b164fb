import Glibc
import Posix
import Product
import SystemPackage
import Testing

@testable import Installation
@testable import Updating

/// Whose data lies in the folder after a switch or a way back, and what is kept of the others'.
@Suite final class DataMovesTests {
  private let path: FilePath
  private let layout: Layout
  private let moves: DataMoves
  private let one = SemanticVersion(1, 0, 0)
  private let middle = SemanticVersion(1, 1, 0)
  private let two = SemanticVersion(2, 0, 0)

  init() throws {
    var template = Array("/tmp/slipway-moves-XXXXXX".utf8CString)
    path = FilePath(String(cString: try #require(mkdtemp(&template))))
    layout = Layout(root: path, product: try ProductID("ledger"))
    moves = DataMoves(layout)
    try Preparation(layout).makeFolders()
    for version in [one, middle] { try install(version, schema: 1) }
    try install(two, schema: 2)
    try write("1.0.0")
  }

  deinit {
    if let parent = try? Directory.open(path.removingLastComponent()), let name = path.lastComponent?.string {
      try? parent.removeTree(name)
    }
  }

  private func install(_ version: SemanticVersion, schema: Int, folders: [String] = ["rows", "text"]) throws {
    let manifest = ProductManifest(
      id: layout.product, name: LocalizedText("Ledger"), publisher: "Example", version: version,
      platform: .linuxX86_64, platforms: [.linuxX86_64],
      services: [AgentService(name: "agent", command: ["agent/bin/agent"], user: "ledger")],
      data: folders.map { DataFolder(name: $0, schema: schema, snapshot: true, migrate: schema > 1 ? ["m"] : nil) })
    try layout.sealed.write(try JSON.encode(manifest), VersionStore.manifests(of: version).product)
    _ = try Directory.make(layout.versions.appending("app-\(version)"), below: path)
  }

  private func folder(_ name: String) throws -> Directory {
    try Directory.make(layout.data.appending(name), below: path)
  }

  private func write(_ text: String, in place: String = "") throws {
    for name in ["rows", "text"] { try DurableFile.write(Array(text.utf8), "file", in: try folder(place + name)) }
  }

  /// What both folders hold; nil where they differ.
  private var text: String? {
    get throws {
      let texts = try ["rows", "text"].map { try folder($0).read("file", limit: 100) ?? [] }
      return texts[0] == texts[1] ? String(decoding: texts[0], as: UTF8.self) : nil
    }
  }

  /// 2.0.0 was here before and was left, its data set aside; then it comes again, and its commit is cut off before anything
  /// is cleared away. What it works with from then on is no leftover of a switch.
  @Test func whatAVersionLeftWhenItWasHereBeforeNeverComesBackOverNewerData() throws {
    try write("old", in: ".slipway/of-2.0.0/")
    try moves.leave(one, for: two)
    #expect(try moves.copies().keys.sorted() == [one])
    try write("2.0.0, weeks of it")
    try install(SemanticVersion(3, 0, 0), schema: 2)
    try moves.leave(two, for: SemanticVersion(3, 0, 0))
    #expect(try text == "2.0.0, weeks of it")
  }

  @Test func aSwitchThatWasCutOffIsBegunFromTheStart() throws {
    try moves.leave(one, for: two)
    try write("half migrated")
    try moves.leave(one, for: two)
    #expect(try text == "1.0.0")
    #expect(try moves.copies().keys.sorted() == [one])
  }

  /// Forwards by hand, after a way back by hand: nobody migrates then.
  @Test func aWayForwardByHandBringsWhatTheNewerVersionHadLeft() throws {
    try moves.leave(one, for: two)
    try write("2.0.0")
    try moves.comeBack(two, to: one, byHand: true)
    #expect(try text == "1.0.0")
    try write("1.0.0 and more")
    try moves.comeBack(one, to: two, byHand: true)
    #expect(try text == "2.0.0")
    try moves.comeBack(two, to: one, byHand: true)
    #expect(try text == "1.0.0 and more")
  }

  /// Whatever rename it was cut off after, one folder there and the other not: done once more it ends with one version's.
  @Test(arguments: [false, true])
  func aWayBackByHandThatWasCutOffIsFinished(_ whole: Bool) throws {
    try write("1.1.0", in: ".slipway/of-1.1.0/")
    try write("1.0.0", in: ".slipway/of-1.0.0/")
    try write("2.0.0")
    if whole {
      try moves.comeBack(two, to: one, byHand: true)
    } else {
      let area = try folder(".slipway")
      let (aside, copy) = (try folder(".slipway/of-2.0.0"), try area.directory("of-1.0.0"))
      try folder("").rename("rows", to: aside, as: "rows")
      try copy.rename("rows", to: try folder(""), as: "rows")
    }
    try moves.comeBack(two, to: one, byHand: true)
    #expect(try text == "1.0.0")
    #expect(try moves.copies() == [middle: ["rows", "text"], two: ["rows", "text"]])
  }

  /// Where the version gone back to has left no copy, another one's that it reads; cut off or not.
  @Test func anotherVersionsCopyServesAsWell() throws {
    try write("1.1.0", in: ".slipway/of-1.1.0/")
    try write("2.0.0")
    for _ in 0..<2 { try moves.comeBack(two, to: one, byHand: true) }
    #expect(try text == "1.1.0")
    #expect(try moves.copies() == [two: ["rows", "text"]])
  }

  /// A copy of one folder alone is no way back for two.
  @Test func aCopyThatLacksAFolderIsNoSource() throws {
    _ = try folder(".slipway/of-1.0.0/rows")
    try write("2.0.0")
    try moves.comeBack(two, to: one, byHand: true)
    #expect(try text == "2.0.0")
  }

  @Test func aCopyThatFailedDoesNotFillTheDisk() throws {
    try write("half", in: ".slipway/new/")
    try moves.comeBack(two, to: one, byHand: false)
    #expect(try folder(".slipway").names() == [])
  }

  /// Of no folder there is no copy that somebody could think whole.
  @Test func withoutSnapshotThereIsNoCopy() throws {
    try install(two, schema: 1, folders: [])
    try moves.leave(one, for: two)
    #expect(try moves.copies().isEmpty)
  }
}
