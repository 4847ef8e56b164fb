import Cryptography
import Posix
import SystemPackage
import Testing

@testable import Bundles

@Suite struct SetupFileTests {
  let fixture: Fixture
  init() throws { fixture = try Fixture() }

  private func setupBytes() throws -> [UInt8] {
    let (bundle, _) = try fixture.bundle()
    let executable = try fixture.write([UInt8](repeating: 0x7f, count: 3000), "executable")
    let output = try fixture.create("setup")
    try SetupFile.write(
      executable: executable, root: Array("{root}".utf8), bundle: bundle, to: output, name: "setup")
    return try fixture.read("setup")
  }

  private func open(_ bytes: [UInt8]) throws -> SetupFile? {
    let path = try fixture.write(bytes, "opened")
    return try SetupFile(OpenFile(try FileDescriptor.open(path, .readOnly)), name: "setup")
  }

  @Test func carriesRootAndBundle() async throws {
    let setup = try #require(try open(try setupBytes()))
    #expect(setup.root == Array("{root}".utf8))
    #expect(try await setup.bundle.metadata(named: "timestamp.json", maximumLength: 10) == Array("{}".utf8))
  }

  @Test func theBareExecutableCarriesNone() throws {
    #expect(try open([UInt8](repeating: 0x7f, count: 3000)) == nil)
    #expect(try open([]) == nil)
  }

  /// A download that was cut off still has the executable that runs: it must not take itself for the bare one.
  @Test func whatFollowsAnExecutableWithoutAFooterIsDamage() throws {
    let file = OpenFile(try FileDescriptor.open("/usr/bin/true", .readOnly))
    let executable = try file.descriptor.readAll(limit: 1 << 24, path: "true")
    #expect(try open(executable) == nil)
    #expect(throws: BundleError(.malformed, "")) { try open(executable + [UInt8](repeating: 0, count: 200)) }
  }

  /// A damaged download is told from a forged one: root, bundle and footer are under the checksum.
  @Test(arguments: [3000, 3005, 3006, 4000, -1, -33, -40, -64])
  func aChangedByteIsDamage(_ place: Int) throws {
    var bytes = try setupBytes()
    bytes[place < 0 ? bytes.count + place : place] ^= 1
    #expect(throws: BundleError(.malformed, "")) { try open(bytes) }
  }

  @Test func lengthsThatOverflowAreDamage() throws {
    var bytes = try setupBytes()
    let footer = bytes.count - SetupFile.footerLength
    for field in 0..<4 {
      bytes.replaceSubrange(
        (footer + 16 + field * 8)..<(footer + 24 + field * 8), with: [UInt8](repeating: 0xff, count: 8))
    }
    #expect(throws: BundleError(.malformed, "")) { try open(bytes) }
  }
}
