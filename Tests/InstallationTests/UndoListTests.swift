import Posix
import Testing

@testable import Installation

@Suite struct UndoListTests {
  let fixture: Fixture
  init() throws { fixture = try Fixture() }

  @Test func firstNoteOfATakenOverUnitStands() throws {
    let undo = UndoList(in: try Directory.open(fixture.layout.state))
    try undo.note([.takenOver(unit: "a.service", enabled: "enabled", active: "active")])
    try undo.note([.takenOver(unit: "a.service", enabled: "disabled", active: "inactive"), .unit("b.service")])
    try undo.note([.unit("b.service")])
    let own = try undo.entries().filter { if case .path = $0 { false } else { true } }
    #expect(own == [.takenOver(unit: "a.service", enabled: "enabled", active: "active"), .unit("b.service")])
  }

  @Test func everyFolderThatIsMadeIsNotedAsTheDeviceSeesIt() throws {
    let noted = try UndoList(in: try Directory.open(fixture.layout.state)).entries()
    for path in ["/opt/slipway/room-agent", "/var/lib/slipway/room-agent", "/etc/slipway/room-agent"] {
      #expect(noted.contains(.path(path)))
    }
  }

  @Test(arguments: [
    UndoList.Entry.unit("x.service"), .user("u"), .group("g"), .path("/opt/slipway/x"), .data("/var/lib/x"),
    .takenOver(unit: "t.service", enabled: "masked", active: "inactive"),
  ])
  func linesReadBack(_ entry: UndoList.Entry) { #expect(UndoList.Entry(line: entry.line) == entry) }
}
