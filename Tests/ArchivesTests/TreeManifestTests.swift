import Testing

@testable import Archives

@Suite struct TreeManifestTests {
  private static let digest = String(repeating: "ab", count: 32)
  private static func file(_ path: String, size: Int = 3, mode: String = "0444") -> String {
    #"{"path":"\#(path)","type":"file","mode":"\#(mode)","size":\#(size),"sha256":"\#(digest)"}"#
  }
  private static func directory(_ path: String) -> String { #"{"path":"\#(path)","type":"directory","mode":"0555"}"# }
  private static func link(_ path: String, _ target: String) -> String {
    #"{"path":"\#(path)","type":"link","target":"\#(target)"}"#
  }
  private static func json(
    _ entries: [String], bytes: Int, inodes: Int? = nil, schema: String = "slipway.tree/1", special: String = ""
  ) -> [UInt8] {
    let list = entries.joined(separator: ",")
    let totals = #"{"bytes":\#(bytes),"inodes":\#(inodes ?? entries.count)}"#
    let text =
      #"{"schema":"\#(schema)","id":"agent","version":"1.0.0","platform":"linux-x86_64","entries":[\#(list)],"#
      + #""specialModes":[\#(special)],"totals":\#(totals)}"#
    return Array(text.utf8)
  }

  @Test func readsWhatItWrites() throws {
    let manifest = try TreeManifest(
      parsing: Self.json(
        [Self.directory("a"), Self.file("a/é", mode: "4555"), Self.link("a/l", "../b"), Self.file("b")].sorted(),
        bytes: 6,
        special: #""a/é""#))
    let bytes = try manifest.encoded()
    #expect(try TreeManifest(parsing: bytes) == manifest)
    #expect(try TreeManifest(parsing: bytes).encoded() == bytes)
    #expect(manifest.totals == .init(bytes: 6, inodes: 4))
  }

  @Test(arguments: [
    ("an unknown schema", json([], bytes: 0, schema: "slipway.tree/2"), ArchiveError.Code.wrongSchema, nil as String?),
    ("no JSON", Array("{".utf8), .malformedManifest, nil),
    ("unsorted entries", json([file("b"), file("a")], bytes: 6), .malformedManifest, "a"),
    ("an entry listed twice", json([file("a"), file("a")], bytes: 6), .duplicate, "a"),
    ("a file without its directory", json([file("a/b")], bytes: 3), .missing, "a/b"),
    ("a file below a file", json([file("a"), file("a/b")], bytes: 6), .missing, "a/b"),
    ("a file below a link", json([link("a", "b"), file("a/b")], bytes: 3), .belowLink, "a/b"),
    ("too few bytes in the totals", json([file("a")], bytes: 2), .malformedManifest, nil),
    ("too many inodes in the totals", json([file("a")], bytes: 3, inodes: 2), .malformedManifest, nil),
    ("a path out of the tree", json([file("../a")], bytes: 3), .parentReference, "../a"),
    ("an escaping link", json([link("a", "../b")], bytes: 0), .escapingLink, "a"),
    ("a writable file", json([file("a", mode: "0644")], bytes: 3), .wrongMode, "a"),
    ("a mode of five digits", json([file("a", mode: "00444")], bytes: 3), .wrongMode, "a"),
    ("setuid without permission", json([file("a", mode: "4555")], bytes: 3), .specialMode, "a"),
    ("a sticky file", json([file("a", mode: "1555")], bytes: 3, special: #""a""#), .wrongMode, "a"),
    ("permission for a file that is not there", json([file("a")], bytes: 3, special: #""b""#), .missing, "b"),
    ("a negative size", json([file("a", size: -1)], bytes: -1), .wrongSize, "a"),
    ("a total beyond reason", json([file("a", size: 1 << 41)], bytes: 1 << 41), .tooLarge, "a"),
    ("a sum that overflows", json([file("a", size: 1 << 39), file("b", size: .max)], bytes: 0), .tooLarge, "b"),
  ])
  func refuses(_ what: String, _ bytes: [UInt8], _ code: ArchiveError.Code, _ entry: String?) throws {
    let error = try #require(throws: ArchiveError.self) { try TreeManifest(parsing: bytes) }
    #expect(error.code == code, "\(error)")
    if let entry { #expect(error.entry == entry) }
  }

  @Test func saysWhereTheJSONIsWrong() throws {
    let bytes = Self.json([Self.file("a"), #"{"path":"b","type":"pipe"}"#], bytes: 3)
    let error = try #require(throws: ArchiveError.self) { try TreeManifest(parsing: bytes) }
    #expect(error.description.contains("entries[1].type"), "\(error)")
  }

  @Test func sortsWhatAPublisherGives() throws {
    let parsed = try TreeManifest(
      parsing: Self.json([Self.directory("a"), Self.file("a/b"), Self.file("c")], bytes: 6))
    let manifest = try TreeManifest(
      id: "agent", version: "1.0.0", platform: "linux-x86_64", entries: parsed.entries.reversed())
    #expect(manifest == parsed)
  }
}
