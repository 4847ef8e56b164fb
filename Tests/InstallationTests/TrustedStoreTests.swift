import Posix
import Testing

@testable import Installation

@Suite struct TrustedStoreTests {
  let fixture: Fixture
  let store: TrustedStore
  init() throws {
    fixture = try Fixture()
    store = TrustedStore(fixture.layout)
  }

  @Test func aTornFileIsReadFromItsCopy() throws {
    try store.store("timestamp", [1, 2, 3])
    let folder = try Directory.open(fixture.layout.trustedMetadata)
    #expect(try folder.read("timestamp.json", limit: 10) == [1, 2, 3])
    try DurableFile.write([1], "timestamp.json", in: folder)
    #expect(try store.load("timestamp") == [1, 2, 3])
    #expect(try folder.names() == ["timestamp.json"])
  }

  /// As after a change of keys: what is forgotten must not come back from the copy.
  @Test func whatIsRemovedIsGoneFromBoth() throws {
    try store.store("snapshot", [1])
    try store.remove("snapshot")
    #expect(try store.load("snapshot") == nil)
    try store.remove("snapshot")
  }

  @Test func aRoleWhoseNameHasToBeEncodedHasNoCopyAndWorks() throws {
    try store.store("team/a", [7])
    #expect(try store.load("team/a") == [7])
    #expect((try? Directory.open(fixture.layout.trustedCopies).names()) ?? [] == [])
  }

  @Test func aRootThatIsNoneIsLostAndNoneIsReinstated() throws {
    #expect(store.hasLostRoot)
    try store.store("root", Array("{}".utf8))
    #expect(store.hasLostRoot)
    #expect(throws: (any Error).self) { try store.reinstate(Array("{}".utf8)) }
  }

  /// Nobody but root reads what is trusted, the copies neither.
  @Test func theCopiesAreAsPrivateAsTheFiles() throws {
    try store.store("root", [1])
    #expect(try Directory.open(fixture.layout.trustedCopies).status().mode & 0o777 == 0o700)
  }
}
