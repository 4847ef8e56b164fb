import Testing

@testable import Archives

@Suite struct EntryPathTests {
  @Test(arguments: ["a", "a/b", ".hidden", "...", "a..b", "é/ü", "with space", String(repeating: "n", count: 255)])
  func accepts(_ path: String) throws { #expect(try EntryPath(path).string == path) }

  @Test(arguments: [
    ("", ArchiveError.Code.invalidPath), ("/a", .absolutePath), ("a/", .invalidPath), ("a//b", .invalidPath),
    (".", .invalidPath), ("a/./b", .invalidPath), ("..", .parentReference), ("a/../b", .parentReference),
    ("a\0b", .controlCharacter), ("a\u{85}", .controlCharacter), (String(repeating: "n", count: 256), .nameTooLong),
    (String(repeating: "n/", count: 2048) + "n", .nameTooLong),
  ])
  func refuses(_ path: String, _ code: ArchiveError.Code) {
    #expect(throws: ArchiveError(code)) { try EntryPath(path) }
  }

  @Test func twoSpellingsOfALetterAreTwoPaths() throws {
    let composed = try EntryPath("caf\u{e9}")
    let decomposed = try EntryPath("cafe\u{301}")
    #expect(composed != decomposed)
    #expect(Set([composed, decomposed]).count == 2)
  }

  @Test func ordersByBytes() throws {
    let paths = try ["a/b", "a", "a.b", "Z", "é", "a-b"].map { try EntryPath($0) }
    #expect(paths.sorted().map(\.string) == ["Z", "a", "a-b", "a.b", "a/b", "é"])
  }

  @Test func knowsItsParentAndName() throws {
    let path = try EntryPath("a/b/c")
    #expect(path.parent?.string == "a/b")
    #expect(path.name == "c")
    #expect(try EntryPath("a").parent == nil)
  }

  @Test(arguments: [("lib/a", "b"), ("lib/a", "../b/c"), ("a", "./b"), ("a/b/c", "../../d"), ("a", "b/"), ("a", ".")])
  func acceptsTarget(_ path: String, _ target: String) throws { try EntryPath(path).checkTarget(target) }

  @Test(arguments: [
    ("a", ".."), ("lib/a", "../.."), ("lib/a", "x/../../.."), ("lib/a", "b/../c"), ("a", "/b"), ("a", "//"),
  ])
  func refusesEscapingTarget(_ path: String, _ target: String) {
    #expect(throws: ArchiveError(.escapingLink)) { try EntryPath(path).checkTarget(target) }
  }
}
