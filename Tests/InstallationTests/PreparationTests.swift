import Posix
import Testing

@testable import Installation

@Suite struct PreparationTests {
  let fixture: Fixture
  init() throws { fixture = try Fixture() }

  @Test func takesBackAllThatItMade() throws {
    let layout = Layout(root: fixture.path.appending("new"), product: fixture.layout.product)
    _ = try Directory.make(layout.root, below: fixture.path)
    let preparation = Preparation(layout)
    let missing = preparation.missingFolders()
    try preparation.makeFolders()
    preparation.remove(missing)
    for folder in ["etc", "opt", "run", "var/lib", "var/log"] {
      #expect(try Directory.open(layout.root.appending(folder)).names() == [])
    }
  }

  @Test func whatAnAdminPutThereBeforeStays() throws {
    let layout = Layout(root: fixture.path.appending("new"), product: fixture.layout.product)
    let configuration = try Directory.make(layout.configuration, below: fixture.path)
    try DurableFile.write([1], "enrolment.key", in: configuration)
    let preparation = Preparation(layout)
    let missing = preparation.missingFolders()
    try preparation.makeFolders()
    preparation.remove(missing)
    #expect(try configuration.read("enrolment.key", limit: 10) == [1])
  }

  @Test func anInstallationWithoutItsLinkIsNotSweptAway() throws {
    try fixture.add("1.0.0")
    let preparation = Preparation(fixture.layout)
    preparation.remove(preparation.missingFolders())
    #expect(try VersionStore(fixture.layout).contains(.init("1.0.0")))
  }
}
