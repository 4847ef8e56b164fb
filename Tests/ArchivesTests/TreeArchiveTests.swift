import Glibc
import Posix
import SystemPackage
import Synchronization
import Testing

@testable import Archives

/// A generator whose sequence depends on its seed alone.
private struct Random: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}

@Suite(.serialized) struct TreeArchiveTests {
  private static let scanner = TreeScanner(id: "agent", version: "1.0.0", platform: "linux-x86_64")

  /// Makes a tree below `name`: nested directories, empty and larger files, links, long and accented names. The same seed
  /// gives the same tree; `shuffle` changes the order in which it is made.
  private static func tree(_ scratch: Scratch, _ name: String, seed: UInt64, shuffle: UInt64 = 0) throws -> FilePath {
    var random = Random(state: seed)
    var directories = [name]
    for index in 0..<12 {
      let long = index % 5 == 4 ? String(repeating: "d", count: 90) : ""
      directories.append("\(directories.randomElement(using: &random) ?? name)/d\(index)é\(long)")
    }
    var steps: [() throws -> Void] = []
    for index in 0..<80 {
      let path = "\(directories.randomElement(using: &random) ?? name)/f\(index)"
      if index % 8 == 7 {
        steps.append { try scratch.link(path, to: "f\(index - 1)") }
        continue
      }
      let size = index % 10 == 0 ? 0 : Int.random(in: 1...(index % 9 == 0 ? 1_500_000 : 3000), using: &random)
      let byte = UInt8.random(in: 0...255, using: &random)
      let bytes = [UInt8](repeating: byte, count: size / 2) + [UInt8](repeating: ~byte, count: size - size / 2)
      let mode: mode_t = index % 3 == 0 ? 0o755 : 0o600
      steps.append { try scratch.file(path, bytes, mode: mode) }
    }
    for directory in directories { _ = try scratch.directory(directory) }
    var order = Random(state: shuffle)
    if shuffle != 0 { steps.shuffle(using: &order) }
    for step in steps { try step() }
    return scratch.path.appending(name)
  }

  @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64]) func aRandomTreeComesBackAsItWas(seed: UInt64) throws {
    let scratch = try Scratch()
    let source = try Self.tree(scratch, "source", seed: seed)
    let manifest = try Self.scanner.scan(source)
    _ = try TreeArchive.pack(source, manifest, to: scratch.path.appending("archive"))
    let copy = try scratch.directory("copy")
    try TreeArchive.extract(scratch.path.appending("archive"), manifest: manifest, into: copy)
    #expect(try manifest.differences(in: copy, checkHashes: true) == [])
    #expect(try Self.scanner.scan(copy) == manifest)
  }

  @Test func theSameTreeGivesTheSameBytesWhateverTheOrderUmaskTimesAndWorkers() throws {
    let scratch = try Scratch()
    let first = try Self.tree(scratch, "first", seed: 7)
    let mask = umask(0o077)
    defer { umask(mask) }
    let second = try Self.tree(scratch, "second", seed: 7, shuffle: 99)
    let old = [timespec(tv_sec: 86400, tv_nsec: 5), timespec(tv_sec: 86400, tv_nsec: 5)]
    for entry in try Self.scanner.scan(second).entries {
      #expect(utimensat(AT_FDCWD, second.appending(entry.path.string).string, old, AT_SYMLINK_NOFOLLOW) == 0)
    }
    let manifest = try Self.scanner.scan(first)
    #expect(try Self.scanner.scan(second).encoded() == manifest.encoded())
    let bytes = try TreeArchive.pack(first, manifest, to: scratch.path.appending("a"), workers: 1)
    #expect(try TreeArchive.pack(second, manifest, to: scratch.path.appending("b"), workers: 3) == bytes)
  }

  @Test func manyWorkersShareALargeStreamAndGiveTheBytesOfOne() throws {
    let scratch = try Scratch()
    _ = try scratch.directory("tree")
    try scratch.file("tree/large", (1...7).flatMap { [UInt8](repeating: $0, count: 10 << 20) })
    let tree = scratch.path.appending("tree")
    let manifest = try Self.scanner.scan(tree)
    let bytes = try TreeArchive.pack(tree, manifest, to: scratch.path.appending("a"), level: 1, workers: 1)
    #expect(try TreeArchive.pack(tree, manifest, to: scratch.path.appending("b"), level: 1, workers: 4) == bytes)
    let copy = try scratch.directory("copy")
    try TreeArchive.extract(scratch.path.appending("b"), manifest: manifest, into: copy)
    #expect(try manifest.differences(in: copy, checkHashes: true) == [])
  }

  @Test func whatIsUnpackedIsReadOnlyRootOwnedAndTimeless() throws {
    let scratch = try Scratch()
    let source = try Self.tree(scratch, "source", seed: 8)
    let manifest = try Self.scanner.scan(source)
    _ = try TreeArchive.pack(source, manifest, to: scratch.path.appending("archive"))
    let copy = try scratch.directory("copy")
    try TreeArchive.extract(scratch.path.appending("archive"), manifest: manifest, into: copy)
    let root = try Directory.open(copy)
    for entry in manifest.entries {
      let status = try #require(try root.confinedStatus(entry.path))
      #expect(status.modified == 0)
      if geteuid() == 0 { #expect(status.user == 0 && status.group == 0) }
      switch entry.kind {
      case .file: #expect(status.mode == 0o444 || status.mode == 0o555)
      case .directory: #expect(status.mode == 0o555)
      case .link: break
      }
    }
  }

  @Test func tellsHowManyBytesWereWritten() throws {
    let scratch = try Scratch()
    let source = try Self.tree(scratch, "source", seed: 9)
    let manifest = try Self.scanner.scan(source)
    let archive = scratch.path.appending("archive")
    let length = try TreeArchive.pack(source, manifest, to: archive).count
    let file = try FileDescriptor.open(archive, .readOnly)
    defer { try? file.close() }
    let seen = Mutex<Int64>(0)
    try TreeArchive.extract(file, length: Int64(length), manifest: manifest, into: try scratch.directory("copy")) {
      bytes in
      seen.withLock { last in
        #expect(bytes > last)
        last = bytes
      }
    }
    #expect(seen.withLock { $0 } == manifest.totals.bytes)
  }

  @Test func theSystemsTarListsAndUnpacksTheSameTree() throws {
    let scratch = try Scratch()
    let source = try Self.tree(scratch, "source", seed: 10)
    let manifest = try Self.scanner.scan(source)
    let archive = scratch.path.appending("archive.tar.zst").string
    _ = try TreeArchive.pack(source, manifest, to: FilePath(archive))
    let list = scratch.path.appending("list").string
    let copy = try scratch.directory("copy")
    try #require(system("tar --zstd --quoting-style=literal -tf \(archive) > \(list)") == 0)
    try #require(system("tar --zstd -xpf \(archive) -C \(copy.string)") == 0)
    let file = try FileDescriptor.open(FilePath(list), .readOnly)
    defer { try? file.close() }
    let names = String(decoding: try file.readAll(limit: 1 << 20, path: list), as: UTF8.self).split(separator: "\n")
    let paths = names.map { $0.hasSuffix("/") ? String($0.dropLast()) : String($0) }
    #expect(paths == manifest.entries.map(\.path.string))
    #expect(try manifest.differences(in: copy, checkHashes: true) == [])
  }

  @Test(arguments: ["grown", "shrunk", "changed", "removed", "became a link"])
  func noticesATreeThatChangedSinceItWasScanned(_ change: String) throws {
    let scratch = try Scratch()
    let tree = try scratch.directory("tree")
    try scratch.file("tree/file", [1, 2, 3])
    let manifest = try Self.scanner.scan(tree)
    switch change {
    case "grown": try scratch.file("tree/file", [1, 2, 3, 4])
    case "shrunk": try scratch.file("tree/file", [1, 2])
    case "changed": try scratch.file("tree/file", [1, 2, 4])
    case "removed": try #require(unlink(tree.appending("file").string) == 0)
    default:
      try #require(unlink(tree.appending("file").string) == 0)
      try scratch.link("tree/file", to: "elsewhere")
    }
    let error = try #require(throws: ArchiveError.self) {
      try TreeArchive.pack(tree, manifest, to: scratch.path.appending("archive"))
    }
    #expect(error.entry == "file")
  }
}
