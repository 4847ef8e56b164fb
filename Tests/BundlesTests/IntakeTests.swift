import Cryptography
import Glibc
import Posix
import SystemPackage
import Testing

@testable import Bundles

/// What stands in a folder that somebody else can write: only a plain file with one link and the signed bytes gets in.
@Suite struct IntakeTests {
  let fixture: Fixture
  let outgoing: Directory
  let intake: Intake
  let bytes = Array("signed bytes".utf8)
  let digest: SHA256Digest

  init() throws {
    fixture = try Fixture()
    outgoing = try fixture.directory.makeDirectory("outgoing", mode: 0o755)
    intake = Intake(try fixture.directory.makeDirectory("incoming", mode: 0o700))
    digest = try sha256(bytes)
  }

  private func take() throws -> [UInt8] {
    try intake.bytes(digest, length: Int64(bytes.count), from: FolderBundle(flat: outgoing))
  }

  private func expectRefusal(_ code: BundleError.Code) throws {
    #expect(throws: BundleError(code, "")) { try take() }
    #expect(try intake.directory.names().isEmpty)
  }

  @Test func takesWhatIsSignedAndKeepsItForALaterRun() throws {
    try DurableFile.write(bytes, digest.hex, in: outgoing)
    #expect(try take() == bytes)
    try outgoing.unlink(digest.hex)
    #expect(try take() == bytes)
    #expect(try intake.directory.status(digest.hex)?.mode == 0o600)
    try intake.clear()
    try expectRefusal(.missing)
  }

  @Test func refusesASymbolicLink() throws {
    try DurableFile.write(bytes, "elsewhere", in: fixture.directory)
    try outgoing.makeLink(digest.hex, to: "../elsewhere")
    try expectRefusal(.mismatch)
  }

  @Test func refusesASecondLink() throws {
    try DurableFile.write(bytes, "elsewhere", in: fixture.directory)
    let (from, to) = (
      fixture.path.appending("elsewhere").string, fixture.path.appending("outgoing/\(digest.hex)").string
    )
    #expect(link(from, to) == 0)
    try expectRefusal(.mismatch)
  }

  @Test func refusesAFifoWithoutWaitingForItsWriter() throws {
    #expect(mkfifo(fixture.path.appending("outgoing/\(digest.hex)").string, 0o644) == 0)
    try expectRefusal(.mismatch)
  }

  @Test func refusesADirectory() throws {
    _ = try outgoing.makeDirectory(digest.hex, mode: 0o755)
    try expectRefusal(.mismatch)
  }

  @Test func refusesASparseFileOfTheSignedLength() throws {
    let file = OpenFile(try outgoing.create(digest.hex, mode: 0o644))
    #expect(ftruncate(file.descriptor.rawValue, off_t(bytes.count)) == 0)
    try expectRefusal(.mismatch)
  }

  @Test(arguments: [-1, 1])
  func refusesAnotherLength(_ difference: Int) throws {
    let other = difference < 0 ? Array(bytes.dropLast()) : bytes + [0]
    try DurableFile.write(other, digest.hex, in: outgoing)
    try expectRefusal(.mismatch)
  }

  @Test func refusesOneChangedByte() throws {
    var changed = bytes
    changed[3] ^= 1
    try DurableFile.write(changed, digest.hex, in: outgoing)
    try expectRefusal(.mismatch)
  }

  @Test func aCopyThatWasSpoiledIsTakenAnew() throws {
    try DurableFile.write(bytes, digest.hex, in: outgoing)
    try DurableFile.write(Array("signed bytez".utf8), digest.hex, in: intake.directory)
    #expect(try take() == bytes)
  }
}
