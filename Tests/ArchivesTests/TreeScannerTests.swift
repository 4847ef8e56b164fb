import Glibc
import SystemPackage
import Testing

@testable import Archives

@Suite struct TreeScannerTests {
  private let scanner = TreeScanner(id: "agent", version: "1.0.0", platform: "linux-x86_64")

  private func refusal(_ make: (Scratch) throws -> Void) throws -> ArchiveError {
    let scratch = try Scratch()
    let tree = try scratch.directory("tree")
    try make(scratch)
    return try #require(throws: ArchiveError.self) { try scanner.scan(tree) }
  }

  @Test func normalisesModesAndCopiesHardLinks() throws {
    let scratch = try Scratch()
    let tree = try scratch.directory("tree")
    try scratch.file("tree/program", [1], mode: 0o755)
    try scratch.file("tree/private", [2], mode: 0o600)
    try #require(link(tree.appending("private").string, tree.appending("same").string) == 0)
    try scratch.link("tree/link", to: "program")
    let modes = try scanner.scan(tree).entries.map { entry in
      if case .file(let mode, let size, _) = entry.kind { return "\(entry.path) \(TreeManifest.octal(mode)) \(size)" }
      return entry.path.string
    }
    #expect(modes == ["link", "private 0444 1", "program 0555 1", "same 0444 1"])
  }

  @Test func refusesAFifo() throws {
    let error = try refusal { #expect(mkfifo($0.path.appending("tree/pipe").string, 0o644) == 0) }
    #expect(error.code == .specialFile && error.entry == "pipe")
  }

  @Test(arguments: ["../victim", "/etc/passwd", "a/../../victim"]) func refusesALinkOutOfTheTree(_ target: String)
    throws
  {
    let error = try refusal { try $0.link("tree/link", to: target) }
    #expect(error.code == .escapingLink && error.entry == "link")
  }

  @Test func refusesALineFeedInAName() throws {
    #expect(try refusal { try $0.file("tree/a\nb", []) }.code == .controlCharacter)
  }

  @Test func refusesSetuidUnlessItIsListed() throws {
    let error = try refusal { try $0.file("tree/tool", [1], mode: 0o4755) }
    #expect(error.code == .specialMode && error.entry == "tool")

    let scratch = try Scratch()
    let tree = try scratch.directory("tree")
    try scratch.file("tree/tool", [1], mode: 0o4755)
    let allowing = TreeScanner(
      id: "agent", version: "1.0.0", platform: "linux-x86_64", specialModes: [try EntryPath("tool")])
    guard case .file(let mode, _, _) = try #require(try allowing.scan(tree).entries.first).kind else {
      Issue.record("not a file")
      return
    }
    #expect(mode == 0o4555)
  }
}
