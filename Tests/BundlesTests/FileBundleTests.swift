import Cryptography
import Posix
import Subprocess
import SystemPackage
import Testing

@testable import Bundles

@Suite struct FileBundleTests {
  let fixture: Fixture
  init() throws { fixture = try Fixture() }

  @Test func whatIsWrittenReadsBack() async throws {
    let (path, digest) = try fixture.bundle()
    let bundle = try FileBundle(path)
    #expect(try await bundle.metadata(named: "timestamp.json", maximumLength: 100) == Array("{}".utf8))
    #expect(try await bundle.metadata(named: "2.root.json", maximumLength: 100) == nil)
    #expect(try bundle.target(digest)?.length == 6)
    await #expect(throws: BundleError(.mismatch, "")) {
      try await bundle.metadata(named: "1.root.json", maximumLength: 3)
    }
  }

  @Test func tarOfTheSystemListsItMetadataFirst() async throws {
    let (path, digest) = try fixture.bundle()
    let result = try await run(
      .name("tar"), arguments: ["-tf", path.string], output: .string(limit: 4096), error: .discarded)
    #expect(result.standardOutput == "metadata/1.root.json\nmetadata/timestamp.json\ntargets/\(digest.hex)\n")
  }

  @Test func theSameContentsGiveTheSameBytes() throws {
    _ = try fixture.bundle()
    let first = try fixture.read("bundle")
    try fixture.directory.unlink("bundle")
    _ = try fixture.bundle()
    #expect(try fixture.read("bundle") == first)
  }

  /// Every length shorter than the whole is refused.
  @Test(arguments: [0, 1, 511, 512, 513, 1024, 2047, 2560])
  func refusesATruncatedBundle(_ length: Int) throws {
    _ = try fixture.bundle()
    let short = try fixture.write(Array(try fixture.read("bundle").prefix(length)), "short")
    #expect(throws: BundleError(.malformed, "")) { try FileBundle(short) }
  }

  struct Spoiled: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let name: String
    let offset: Int
    let bytes: [UInt8]
  }

  /// One field of the first header spoiled, its checksum made right again.
  @Test(arguments: [
    Spoiled(testDescription: "symbolic link", name: "metadata/a", offset: 156, bytes: Array("2".utf8)),
    Spoiled(testDescription: "hard link", name: "metadata/a", offset: 156, bytes: Array("1".utf8)),
    Spoiled(testDescription: "pax header", name: "metadata/a", offset: 156, bytes: Array("x".utf8)),
    Spoiled(testDescription: "GNU long name", name: "metadata/a", offset: 156, bytes: Array("L".utf8)),
    Spoiled(testDescription: "GNU magic", name: "metadata/a", offset: 257, bytes: Array("ustar  \0".utf8)),
    Spoiled(testDescription: "prefix", name: "metadata/a", offset: 345, bytes: Array("metadata".utf8)),
    Spoiled(testDescription: "negative length", name: "metadata/a", offset: 124, bytes: Array("-0000000001".utf8)),
    Spoiled(
      testDescription: "binary length", name: "metadata/a", offset: 124, bytes: [0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
    Spoiled(testDescription: "endless length", name: "metadata/a", offset: 124, bytes: Array("77777777777".utf8)),
    Spoiled(testDescription: "outside both folders", name: "other/a", offset: 500, bytes: [0]),
    Spoiled(testDescription: "name not UTF-8", name: "metadata/a", offset: 9, bytes: [0xff]),
  ])
  func refusesWhatIsNoPlainUstarFile(_ spoiled: Spoiled) throws {
    var header = try #require(Ustar.header(spoiled.name, length: 2))
    header.replaceSubrange(spoiled.offset..<(spoiled.offset + spoiled.bytes.count), with: spoiled.bytes)
    header.replaceSubrange(148..<156, with: Array("        ".utf8))
    let octal = String(header.reduce(0) { $0 + Int($1) }, radix: 8)
    header.replaceSubrange(
      148..<156, with: Array((String(repeating: "0", count: 6 - octal.count) + octal + "\0 ").utf8))
    let body = Array("{}".utf8) + [UInt8](repeating: 0, count: 510 + 1024)
    let path = try fixture.write(header + body, "spoiled")
    #expect(throws: BundleError(.malformed, "")) { try FileBundle(path) }
  }

  @Test func refusesANameTwice() throws {
    let header = try #require(Ustar.header("metadata/a", length: 0))
    let path = try fixture.write(header + header + [UInt8](repeating: 0, count: 1024), "twice")
    #expect(throws: BundleError(.malformed, "")) { try FileBundle(path) }
  }
}
