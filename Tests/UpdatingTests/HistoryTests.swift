import Glibc
import Installation
import Logging
import Posix
import Product
import Services
import SystemPackage
import Testing

@testable import Updating

/// The history as it lies on a disk.
@Suite final class HistoryTests {
  let path: FilePath
  let layout: Layout

  init() throws {
    var template = Array("/tmp/slipway-history-XXXXXX".utf8CString)
    path = FilePath(String(cString: try #require(mkdtemp(&template))))
    layout = Layout(root: path, product: try ProductID("room-agent"))
    try Preparation(layout).makeFolders()
  }

  deinit {
    if let parent = try? Directory.open(path.removingLastComponent()), let name = path.lastComponent?.string {
      try? parent.removeTree(name)
    }
  }

  private func device(at seconds: Int64 = 1_795_000_000, by actor: Actor = .slipway) -> Device {
    var device = Device(
      layout: layout, platform: .host, configuration: Configuration(),
      services: Supervised(UnitPaths(layout.product, root: layout.root)),
      clock: .init(wall: { seconds }, monotonic: { 0 }, bootID: { "boot" }), log: Logger(label: "test"), isRoot: false)
    device.actor = actor
    return device
  }

  private func kinds() throws -> [String] {
    let report = try HistoryReport(layout)
    #expect(report.ok, "\(report.fault.map { "\($0)" } ?? "")")
    return report.events.map(\.kind)
  }

  @Test func aHostileRepositoryCannotPushOutTheRest() throws {
    device().history.note(Event(.installed, version: "1.0.0"))
    for turn in 0..<50 { device(at: 1_795_000_000 + Int64(turn)).history.note(Event(.refused, reason: "lie \(turn)")) }
    #expect(try kinds() == ["installed", "refused", "refused", "refused", "refused"])
    // A person's own, and what else happens, is always told; and an hour later there is room again.
    device(at: 1_795_000_060, by: Actor(name: "anna", uid: 1000)).history.note(Event(.refused, reason: "a lie"))
    device(at: 1_795_000_060).history.note(Event(.committed, version: "1.1.0"))
    device(at: 1_795_003_700).history.note(Event(.failed, reason: "later"))
    #expect(try kinds().suffix(3) == ["refused", "committed", "failed"])
  }

  @Test func manyWritersKeepOneChain() async throws {
    await withTaskGroup(of: Void.self) { group in
      for writer in 0..<8 {
        let device = device(by: Actor(name: "writer\(writer)", uid: nil))
        group.addTask { for turn in 0..<10 { device.history.note(Event(.wishChanged, key: "k", value: "\(turn)")) } }
      }
    }
    let report = try HistoryReport(layout)
    #expect(report.ok && report.events.map(\.number) == Array(1...80))
  }

  @Test func whereverItIsCutOffOneEventIsLostAtMost() throws {
    for turn in 0..<3 { device().history.note(Event(.wishChanged, key: "k", value: "\(turn)")) }
    let state = try Directory.open(layout.state)
    let whole = try #require(try state.read(HistoryFile.name, limit: 1 << 20))
    let ends = Set(stride(from: 0, through: whole.count, by: 7)).union(
      whole.indices.filter { whole[$0] == 10 }.flatMap { [$0, $0 + 1] })
    for end in ends.sorted() {
      try DurableFile.write(Array(whole[..<end]), HistoryFile.name, in: state)
      let lines = whole[..<end].count { $0 == 10 }
      #expect(try HistoryReport(layout).events.count == lines)
      device().history.note(Event(.offboarded))
      let isTorn = end > 0 && whole[end - 1] != 10
      #expect(try kinds().suffix(isTorn ? 2 : 1) == (isTorn ? ["historyCut", "offboarded"] : ["offboarded"]))
      #expect(try HistoryReport(layout).events.count == lines + (isTorn ? 2 : 1))
    }
  }

  /// Blocks reach a disk in any order: the end may be there and what is before it zeros.
  @Test func aLastLineOfZerosIsCutOffToo() throws {
    device().history.note(Event(.installed))
    let state = try Directory.open(layout.state)
    let whole = try #require(try state.read(HistoryFile.name, limit: 1 << 20))
    try DurableFile.write(whole + [UInt8](repeating: 0, count: 90) + [10], HistoryFile.name, in: state)
    #expect(try HistoryReport(layout).torn == 91)
    device().history.note(Event(.committed))
    #expect(try kinds() == ["installed", "historyCut", "committed"])
  }

  @Test(arguments: ["9223372036854775807", "9007199254740993", "0", "-1"])
  func aNumberThatNoneCanFollowDoesNotRead(_ number: String) throws {
    device().history.note(Event(.installed))
    let state = try Directory.open(layout.state)
    let whole = String(decoding: try #require(try state.read(HistoryFile.name, limit: 1 << 20)), as: UTF8.self)
    let last = whole.replacing("\"number\":1,", with: "\"number\":\(number),")
    #expect(last != whole)
    try DurableFile.write(Array((whole + last).utf8), HistoryFile.name, in: state)
    device().history.note(Event(.committed))
    #expect(try kinds() == ["installed", "historyCut", "committed"])
  }

  @Test func theSameFailureAtEachPollIsOneEventADay() throws {
    let hour: Int64 = 3600
    func fail(_ turn: Int64, _ reason: String) {
      device(at: 1_795_000_000 + turn * hour).history.note(Event(.failed, reason: reason, code: 30))
    }
    for turn in 0..<60 { fail(Int64(turn), "no room") }
    #expect(try kinds() == ["failed", "failed", "failed"])
    // Two in turn are two a day; what else happens makes it worth telling again.
    for turn in 60..<70 { fail(Int64(turn), turn.isMultiple(of: 2) ? "no room" : "no proxy") }
    #expect(try kinds().count == 4)
    device(at: 1_795_000_000 + 70 * hour).history.note(Event(.wishChanged, key: "k", value: "v"))
    for turn in 71..<75 { fail(Int64(turn), "no room") }
    #expect(try kinds().suffix(2) == ["wishChanged", "failed"])
  }

  @Test func theSameResultIsToldOnceByTheStateToo() throws {
    for turn in 0..<30 {
      let hours = Timestamp(seconds: 1_795_000_000 + Int64(turn) * 3600).description
      try StateFiles(device(at: 1_795_000_000 + Int64(turn) * 3600)).update {
        $0.lastResult = .init(kind: "applyFailed", version: "1.1.0", at: hours, code: 30, message: "no room")
      }
    }
    #expect(try StateFiles(device()).state()?.lastResult?.message == "no room")
    #expect(try kinds() == ["failed", "failed"])
  }

  @Test func secretsInAddressesStandNowhere() throws {
    let address = "https://anna:hush@pac.example.com/proxy.pac?key=4711&x=9"
    device().history.note(Event(.wishChanged, key: "proxy.script", value: "\"\(address)\"", before: "hold token=4711"))
    device().history.note(Event(.failed, reason: "no answer from \(address): 4 s"))
    let state = try Directory.open(layout.state)
    let text = String(decoding: try #require(try state.read(HistoryFile.name, limit: 1 << 20)), as: UTF8.self)
    #expect(!text.contains("4711") && !text.contains("hush") && !text.contains("x=9"))
    #expect(text.contains("pac.example.com/proxy.pac?*** 4 s"))
  }

  @Test(arguments: ["folder", "link", "fifo", "endless"]) func whatOthersPutThereIsSetAside(_ kind: String) throws {
    let state = try Directory.open(layout.state)
    let place = layout.state.appending(HistoryFile.name)
    for turn in 1...3 {
      try state.removeTree(HistoryFile.name)
      switch kind {
      case "folder": _ = try state.makeDirectory(HistoryFile.name, mode: 0o700)
      case "link": #expect(symlink("/etc/passwd", place.string) == 0)
      case "fifo": #expect(mkfifo(place.string, 0o600) == 0)
      default: #expect(creat(place.string, 0o600) >= 0 && truncate(place.string, 1 << 32) == 0)
      }
      device().history.note(Event(.committed, version: "\(turn)"))
      #expect(try kinds() == ["historyCut", "committed"])
    }
    #expect(try state.names().filter { $0.hasSuffix(".corrupt") }.count == 2)
  }

  @Test func behindTheLastNumberAnotherIsBegun() throws {
    let state = try Directory.open(layout.state)
    let line = try JSON.encode(Event(.installed))
    let last = String(decoding: line, as: UTF8.self).replacing("\"number\":0", with: "\"number\":\(1 << 53)")
    try DurableFile.write(Array(last.utf8), HistoryFile.name, in: state)
    device().history.note(Event(.committed))
    device().history.note(Event(.offboarded))
    #expect(try kinds() == ["historyCut", "committed", "offboarded"])
  }

  @Test func failuresOfTheFutureLeaveRoom() throws {
    for turn in 0..<4 { device(at: 1_895_000_000).history.note(Event(.refused, reason: "lie \(turn)")) }
    device().history.note(Event(.failed, reason: "now"))
    #expect(try kinds().last == "failed")
  }

  @Test func whatIsNoHistoryIsSetAsideAndAnotherBegun() throws {
    let state = try Directory.open(layout.state)
    try DurableFile.write(Array("not\none\nline of it\n".utf8), HistoryFile.name, in: state)
    device().history.note(Event(.committed))
    #expect(try kinds() == ["historyCut", "committed"])
    #expect(try state.status("history.jsonl.corrupt")?.kind == .file)
  }

  @Test func aHistoryThatCannotBeWrittenKeepsNothingFromHappening() throws {
    let state = try Directory.open(layout.state)
    // Nobody can move it away: its name is taken by what cannot be removed.
    _ = try state.makeDirectory("history.lock", mode: 0o700)
    let files = try StateFiles(device())
    try files.record(Journal(.switching, to: "1.1.0"))
    try files.record(Journal(.proving, to: "1.1.0"))
    #expect(try files.journal().state == .proving)
  }
}
