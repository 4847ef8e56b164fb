import Glibc
import SystemPackage
import Testing

@testable import Posix

/// Copies of folders that belong to somebody else's program.
@Suite struct CopyTests {
  let scratch: Scratch
  var root: Directory { scratch.directory }

  init() throws { scratch = try Scratch() }

  private func write(_ name: String, _ bytes: [UInt8], in folder: Directory, mode: mode_t = 0o640) throws {
    let file = try folder.create(name, mode: mode)
    try file.writeFully(bytes, path: name)
    try file.close()
  }

  @Test func copiesWhatIsThere() throws {
    let tree = try root.makeDirectory("tree", mode: 0o750)
    try write("file", [1, 2, 3], in: tree)
    try write("empty", [], in: tree, mode: 0o400)
    try tree.makeLink("link", to: "/etc/passwd")
    _ = try tree.makeDirectory("folder", mode: 0o711)
    #expect(mkfifo(scratch.path.appending("tree/fifo").string, 0o600) == 0)
    var times = [timespec(tv_sec: 1_000_000, tv_nsec: 5), timespec(tv_sec: 1_000_000, tv_nsec: 5)]
    #expect(utimensat(AT_FDCWD, scratch.path.appending("tree/file").string, &times, 0) == 0)
    try root.copyTree("tree", to: root, as: "copy")
    let copy = try root.directory("copy")
    #expect(try copy.names().sorted() == ["empty", "fifo", "file", "folder", "link"])
    #expect(try copy.read("file", limit: 10) == [1, 2, 3])
    #expect(try copy.readLink("link") == "/etc/passwd")
    for name in ["file", "empty", "folder"] {
      #expect(try copy.status(name)?.mode == tree.status(name)?.mode, "\(name)")
    }
    #expect(try copy.status("file")?.modified == 1_000_000)
    #expect(try root.status("copy")?.mode == 0o750)
  }

  /// Nobody tells an agent how to name its files.
  @Test func copiesNamesThatAreNotText() throws {
    let tree = try root.makeDirectory("tree", mode: 0o755)
    let name: [CChar] = [77, -4, 108, 108, 101, 114, 0]
    close(openat(tree.fd, name, O_CREAT | O_WRONLY, 0o640))
    #expect(symlinkat(name, tree.fd, "link") == 0)
    #expect(try root.extent(of: "tree").inodes == 3)
    try root.copyTree("tree", to: root, as: "copy")
    let copy = try root.directory("copy")
    var s = Glibc.stat()
    #expect(fstatat(copy.fd, name, &s, AT_SYMLINK_NOFOLLOW) == 0 && s.st_mode & 0o777 == 0o640)
    #expect(fstatat(copy.fd, "link", &s, 0) == 0, "the link leads to it")
  }

  @Test func keepsHolesAndWhatLiesBehindThem() throws {
    let file = try root.create("sparse", mode: 0o600)
    #expect(ftruncate(file.rawValue, 64 << 20) == 0)
    #expect(pwrite(file.rawValue, [7], 1, 32 << 20) == 1)
    try file.close()
    try root.copyTree("sparse", to: root, as: "copy")
    let status = try #require(try root.status("copy"))
    #expect(status.size == 64 << 20)
    #expect(status.blocks * 512 < 1 << 20, "the holes were filled")
    let copy = try root.open("copy")
    defer { try? copy.close() }
    var byte: UInt8 = 0
    #expect(pread(copy.rawValue, &byte, 1, 32 << 20) == 1 && byte == 7)
  }

  @Test func doesNotGoDownWithoutEnd() throws {
    var here = try root.makeDirectory("deep", mode: 0o755)
    for _ in 0...Directory.deepestCopy { here = try here.makeDirectory("d", mode: 0o755) }
    let failure = #expect(throws: PosixError.self) { try root.copyTree("deep", to: root, as: "copy") }
    #expect(failure?.code == ELOOP)
  }

  @Test func saysWhatACopyTakes() throws {
    let tree = try root.makeDirectory("tree", mode: 0o755)
    try write("file", [UInt8](repeating: 1, count: 10_000), in: tree)
    let extent = try root.extent(of: "tree")
    #expect(extent.inodes == 2 && extent.bytes >= 10_000 + 4096)
  }
}
