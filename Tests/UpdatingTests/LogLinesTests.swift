import Glibc
import Installation
import Posix
import Product
import SystemPackage
import Testing

@testable import Updating

/// Logs as they lie on a disk, however they end.
@Suite final class LogLinesTests {
  let path: FilePath
  let logs: Directory
  let layout: Layout

  init() throws {
    var template = Array("/tmp/slipway-logs-XXXXXX".utf8CString)
    path = FilePath(String(cString: try #require(mkdtemp(&template))))
    layout = Layout(root: path, product: try ProductID("room-agent"))
    try Preparation(layout).makeFolders()
    logs = try Directory.open(layout.logs)
  }

  deinit {
    if let parent = try? Directory.open(path.removingLastComponent()), let name = path.lastComponent?.string {
      try? parent.removeTree(name)
    }
  }

  private func write(_ text: String) throws {
    let file = try logs.append(to: "install.log", mode: 0o600)
    defer { try? file.close() }
    try file.writeFully(Array(text.utf8), path: "install.log")
  }

  private func texts(_ lines: [LogLines.Line]) -> [String] { lines.map(\.text) }

  @Test func theLastLineIsShownAsFarAsItGoes() throws {
    try write("one\ntwo: it ended he")
    var once = LogLines(layout)
    #expect(try texts(once.next(more: false)) == ["one", "two: it ended he"])
    var following = LogLines(layout)
    #expect(try texts(following.next()) == ["one"])
    try write("re\n")
    #expect(try texts(following.next()) == ["two: it ended here"])
    #expect(try following.next().isEmpty)
  }

  @Test func aRotationWhileItIsLookedAtEndsNothing() async throws {
    try write("begin\n")
    var following = LogLines(layout)
    #expect(try texts(following.next()) == ["begin"])
    let folder = path
    let rotating = Task.detached {
      let logs = try Directory.open(Layout(root: folder, product: try ProductID("room-agent")).logs)
      while !Task.isCancelled {
        try logs.rename("install.log", to: logs, as: "install.log.1")
        try logs.rename("install.log.1", to: logs, as: "install.log")
      }
    }
    let looks = Result { for _ in 0..<300 { _ = try following.next() } }
    rotating.cancel()
    _ = await rotating.result
    try looks.get()
    try write("end\n")
    #expect(try texts(following.next()) == ["end"])
    try write("the very end\n")
    try logs.rename("install.log", to: logs, as: "install.log.1")
    try write("new\n")
    #expect(try texts(following.next()).sorted() == ["new", "the very end"])
    for _ in 0..<3 { #expect(try following.next().isEmpty) }
  }

  @Test func aLineLongerThanWhatIsReadAtOnceComesInPieces() throws {
    try write("short\n")
    var following = LogLines(layout)
    #expect(try texts(following.next()) == ["short"])
    let long = String(repeating: "x", count: 3 << 20)
    try write(long + "\nafter\n")
    var pieces: [String] = []
    for _ in 0..<4 { pieces += try texts(following.next()) }
    #expect(pieces.last == "after" && pieces.dropLast().joined() == long)
    // From the end: its end is shown, and that something stood before it.
    try write(long + "\n")
    var once = LogLines(layout)
    let shown = try texts(once.next(more: false))
    #expect(shown.count == 1 && shown[0].hasPrefix("... xxx") && shown[0].count > 1 << 19)
  }
}
