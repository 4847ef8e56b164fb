import Posix
import Product
import Testing

@testable import Installation

@Suite struct VersionStoreTests {
  let fixture: Fixture
  init() throws { fixture = try Fixture() }

  @Test func collectionNeverTouchesWhatIsNeeded() throws {
    for version in ["1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.4.0", "1.5.0"] { try fixture.add(version) }
    let store = try VersionStore(fixture.layout)
    try store.point(.current, at: SemanticVersion("1.4.0"))
    try store.point(.proven, at: SemanticVersion("1.3.0"))
    try store.point(.previous, at: SemanticVersion("1.1.0"))
    let removed = try store.collect(keeping: 2, also: ["1.0.0"])
    #expect(removed.map(\.description) == ["1.2.0", "1.5.0"])
    #expect(try store.versions().map(\.description) == ["1.0.0", "1.1.0", "1.3.0", "1.4.0"])
  }

  @Test func collectionRemovesLeftoversOfStaging() throws {
    let store = try VersionStore(fixture.layout)
    let name = try store.makeStaging(for: SemanticVersion("2.0.0"))
    #expect(try store.staging(name).status().mode == 0o700)
    _ = try store.collect(keeping: 2, also: [])
    #expect(try !store.directory.names().contains(name))
  }

  @Test func keepsTheNewestSpareVersions() throws {
    for version in ["1.0.0", "1.1.0", "1.2.0", "1.10.0"] { try fixture.add(version) }
    let store = try VersionStore(fixture.layout)
    try store.point(.current, at: SemanticVersion("1.10.0"))
    #expect(try store.collect(keeping: 3, also: []).map(\.description) == ["1.0.0"])
  }

  @Test func aLinkThatIsNoVersionIsNoVersion() throws {
    let store = try VersionStore(fixture.layout)
    try store.directory.makeLink("current", to: "../../etc")
    #expect(store.version(.current) == nil)
  }

  @Test func preflightNamesTheFolderAndWhatIsMissing() throws {
    let store = try VersionStore(fixture.layout)
    #expect(throws: InstallationError(.noSpace, "", remedy: "")) {
      try store.preflight(archiveBytes: 1 << 50, treeBytes: 1 << 50, inodes: 10)
    }
    try store.preflight(archiveBytes: 1000, treeBytes: 1000, inodes: 10)
  }
}
