import Glibc
import Posix
import SystemPackage
import Testing

@testable import Installation

@Suite struct DispatcherTests {
  let fixture: Fixture
  init() throws { fixture = try Fixture() }

  private var undo: UndoList {
    get throws { UndoList(in: try Directory.open(fixture.layout.state)) }
  }

  private func place() throws -> Directory {
    try Directory.make(fixture.layout.dispatcher.removingLastComponent(), below: fixture.path)
  }

  @Test(arguments: ["#!/bin/sh\necho mine\n", "", "\u{0}\u{1}"])
  func aProgramOfTheAdminsOwnIsNeitherReplacedNorNoted(_ text: String) throws {
    let place = try place()
    try DurableFile.write(Array(text.utf8), "slipway", in: place)
    #expect(throws: InstallationError(.fileSystem, "", remedy: "")) { try Dispatcher.write(fixture.layout, try undo) }
    #expect(try place.read("slipway", limit: 100) == Array(text.utf8))
    #expect(try !undo.entries().contains(.path("/usr/bin/slipway")))
  }

  @Test func aLinkOfTheAdminsOwnIsNotReplaced() throws {
    let place = try place()
    try place.makeLink("slipway", to: "elsewhere")
    #expect(throws: InstallationError(.fileSystem, "", remedy: "")) { try Dispatcher.write(fixture.layout, try undo) }
    #expect(try place.readLink("slipway") == "elsewhere")
  }

  @Test func theInstallationIsRefusedBeforeAnythingIsMade() throws {
    let layout = Layout(root: fixture.path.appending("new"), product: fixture.layout.product)
    let bin = try Directory.make(layout.root.appending("usr/bin"), below: fixture.path)
    try DurableFile.write([1], "slipway", in: bin)
    #expect(throws: InstallationError(.fileSystem, "", remedy: "")) { try Preparation(layout).makeFolders() }
    #expect(try Directory.open(layout.root).names() == ["usr"])
  }

  @Test func thatOfAnotherReleaseIsReplaced() throws {
    let place = try place()
    try DurableFile.write(Array("#!/bin/sh\n# Older. \(Dispatcher.mark)\n".utf8), "slipway", in: place)
    try Dispatcher.write(fixture.layout, try undo)
    #expect(try place.read("slipway", limit: 1 << 20) == Array(Dispatcher.text.utf8))
    #expect(try place.status("slipway")?.mode == 0o755)
  }
}
