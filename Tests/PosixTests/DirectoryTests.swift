import Glibc
import SystemPackage
import Testing

@testable import Posix

/// A folder of its own for one test, gone with it.
final class Scratch {
  let path: FilePath
  let directory: Directory

  init() throws {
    var template = Array("/tmp/slipway-posix-XXXXXX".utf8CString)
    let made = try #require(mkdtemp(&template))
    path = FilePath(String(cString: made))
    directory = try Directory.open(path)
  }

  deinit {
    let parent = try? Directory.open(path.removingLastComponent())
    if let name = path.lastComponent?.string { try? parent?.removeTree(name) }
  }
}

@Suite struct DirectoryTests {
  let scratch: Scratch
  var root: Directory { scratch.directory }

  init() throws { scratch = try Scratch() }

  @Test(arguments: ["link", "link/secret", "../outside", "/etc/passwd", "dir/../../x"])
  func opensNothingOutside(_ name: String) throws {
    _ = try root.makeDirectory("dir", mode: 0o755)
    try root.makeLink("link", to: "/etc")
    #expect(throws: PosixError.self) { try root.open(name) }
  }

  /// Deeper than there are descriptors, and with a name in the way of those that are moved up.
  @Test func removesFoldersNestedWithoutEnd() throws {
    let tree = try root.makeDirectory("tree", mode: 0o755)
    _ = try tree.makeDirectory("moved-1", mode: 0o500)
    var here = tree
    for level in 1...2000 {
      here = try here.makeDirectory("d", mode: 0o755)
      if level % 50 == 0 { try DurableFile.write([1], "file", in: here) }
    }
    try root.removeTree("tree")
    #expect(try root.names() == [])
  }

  @Test func switchLinkReplacesALinkOnly() throws {
    try root.switchLink("current", to: "app-1.0.0")
    try root.switchLink("current", to: "app-1.1.0")
    #expect(try root.readLink("current") == "app-1.1.0")
    try DurableFile.write([1], "file", in: root)
    #expect(throws: PosixError.self) { try root.switchLink("file", to: "app-1.1.0") }
    #expect(try root.names() == ["current", "file"])
  }

  @Test func removesReadOnlyTreesAndLeavesLinkTargetsAlone() throws {
    let keep = try root.makeDirectory("keep", mode: 0o755)
    try DurableFile.write([1, 2], "kept", in: keep)
    let tree = try root.makeDirectory("tree", mode: 0o755)
    try tree.makeLink("out", to: "../keep")
    let deep = try tree.makeDirectory("deep", mode: 0o755)
    try DurableFile.write([3], "file", in: deep, mode: 0o444)
    try deep.changeMode(0o555)
    try tree.changeMode(0o555)
    try root.removeTree("tree")
    try root.removeTree("tree")
    #expect(try root.names() == ["keep"])
    #expect(try keep.read("kept", limit: 10) == [1, 2])
  }

  @Test func durableFileReplacesWholeAndKeepsMode() throws {
    try DurableFile.write(Array("old".utf8), "state.json", in: root)
    try DurableFile.write(Array("new!".utf8), "state.json", in: root, mode: 0o600)
    #expect(try root.read("state.json", limit: 100) == Array("new!".utf8))
    #expect(try root.status("state.json")?.mode == 0o600)
    #expect(try root.names() == ["state.json"])
  }

  @Test func readIsBoundedAndAbsentIsNil() throws {
    try DurableFile.write([UInt8](repeating: 7, count: 11), "f", in: root)
    #expect(try root.read("absent", limit: 10) == nil)
    #expect(throws: PosixError("read", "f", code: EFBIG)) { try root.read("f", limit: 10) }
  }

  /// Whether the lock could be had; it is given back at once.
  private func canTakeLock() throws -> Bool {
    let lock = try FileLock.take("lock", in: root)
    return lock != nil
  }

  @Test func lockIsHeldByOneAndGivenBack() throws {
    do {
      let first = try FileLock.take("lock", in: root)
      let refused = try !canTakeLock()
      #expect(refused)
      _ = consume first
    }
    #expect(try canTakeLock())
  }
}
