import CPosix
import Glibc
import SystemPackage
import Testing

@testable import Archives

@Suite struct TreeManifestDifferencesTests {
  /// One change to a sealed tree, and what must be reported for it.
  struct Change: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let path: String
    let kinds: [TreeDifference.Kind]
    let make: @Sendable (Scratch, FilePath) throws -> Void

    init(
      _ name: String, _ path: String, _ kinds: [TreeDifference.Kind],
      _ make: @escaping @Sendable (Scratch, FilePath) throws -> Void
    ) {
      testDescription = name
      self.path = path
      self.kinds = kinds
      self.make = make
    }
  }

  static let changes: [Change] = [
    .init("file removed", "lib/data", [.missing]) { _, tree in unlink(tree.appending("lib/data").string) },
    .init("file added", "lib/more", [.unexpected]) { scratch, _ in try scratch.file("tree/lib/more", [1]) },
    .init("directory added", "new", [.unexpected]) { scratch, _ in
      _ = try scratch.directory("tree/new")
      try scratch.file("tree/new/below", [])
    },
    .init("name with a line feed added", "lib/a\nb", [.unexpected]) { scratch, _ in
      try scratch.file("tree/lib/a\nb", [])
    },
    .init("content changed", "lib/data", [.wrongDigest]) { scratch, _ in
      try scratch.file("tree/lib/data", Array("same size".utf8), mode: 0o444)
    },
    .init("content cut", "lib/data", [.wrongSize]) { scratch, _ in try scratch.file("tree/lib/data", [], mode: 0o444) },
    .init("made writable", "lib/data", [.wrongMode]) { _, tree in chmod(tree.appending("lib/data").string, 0o644) },
    .init("made setuid", "bin/tool", [.wrongMode]) { _, tree in chmod(tree.appending("bin/tool").string, 0o4555) },
    .init("directory made writable", "lib", [.wrongMode]) { _, tree in chmod(tree.appending("lib").string, 0o755) },
    .init("file replaced by a directory", "lib/data", [.wrongType]) { scratch, tree in
      unlink(tree.appending("lib/data").string)
      _ = try scratch.directory("tree/lib/data")
    },
    .init("file replaced by a fifo", "lib/data", [.wrongType]) { _, tree in
      unlink(tree.appending("lib/data").string)
      mkfifo(tree.appending("lib/data").string, 0o444)
    },
    .init("link pointed elsewhere", "lib/current", [.wrongTarget]) { scratch, tree in
      unlink(tree.appending("lib/current").string)
      try scratch.link("tree/lib/current", to: "empty")
    },
    .init("link replaced by what it points at", "lib/current", [.wrongType]) { scratch, tree in
      unlink(tree.appending("lib/current").string)
      try scratch.file("tree/lib/current", Array("some data".utf8), mode: 0o444)
    },
    .init("second name for a file", "lib/data", [.hardLinked]) { scratch, tree in
      link(tree.appending("lib/data").string, scratch.path.appending("elsewhere").string)
    },
    .init("extended attribute", "lib/data", [.extendedAttribute]) { _, tree in
      let data = tree.appending("lib/data").string
      chmod(data, 0o644)
      setxattr(data, "user.note", "x", 1, 0)
      chmod(data, 0o444)
    },
    .init("owner changed", "lib/data", geteuid() == 0 ? [.wrongOwner] : []) { _, tree in
      if geteuid() == 0 { chown(tree.appending("lib/data").string, 65534, 65534) }
    },
  ]

  private func installed() throws -> (Scratch, FilePath, TreeManifest) {
    let scratch = try Scratch()
    let specimen = try Specimen.plain()
    let tree = try scratch.directory("tree")
    let manifest = try specimen.manifest()
    try TreeArchive.extract(try scratch.file("archive", specimen.archive), manifest: manifest, into: tree)
    return (scratch, tree, manifest)
  }

  @Test(arguments: changes) func reports(_ change: Change) throws {
    let (scratch, tree, manifest) = try installed()
    for directory in ["bin", "lib"] { chmod(tree.appending(directory).string, 0o755) }
    try change.make(scratch, tree)
    for directory in ["bin", "lib"] where directory != change.path { chmod(tree.appending(directory).string, 0o555) }
    let found = try manifest.differences(in: tree, checkHashes: true)
    #expect(found.map(\.kind) == change.kinds, "\(found)")
    #expect(found.allSatisfy { $0.path == change.path }, "\(found)")
  }

  @Test func aWholeDirectoryMissingIsReportedEntryByEntry() throws {
    let (scratch, tree, manifest) = try installed()
    _ = scratch
    #expect(system("chmod u+w \(tree.string)/lib && rm -rf \(tree.string)/lib") == 0)
    let found = try manifest.differences(in: tree, checkHashes: true)
    #expect(found.map(\.description) == ["lib", "lib/current", "lib/data", "lib/empty"].map { "\($0): missing" })
  }

  @Test func leavesContentsAloneWithoutHashes() throws {
    let (scratch, tree, manifest) = try installed()
    try scratch.file("tree/lib/data", Array("same size".utf8), mode: 0o444)
    #expect(try manifest.differences(in: tree, checkHashes: false) == [])
  }
}
