import Product
import Testing

@Suite struct SwitchGateTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let name: String
    let reasons: [WaitingFor.Reason]
    /// Hours from now at which the first reason ends.
    let hours: Int64?
    let change: @Sendable (inout SwitchGate) -> Void
    var testDescription: String { name }

    init(
      _ name: String, _ reasons: [WaitingFor.Reason], hours: Int64? = nil,
      _ change: @escaping @Sendable (inout SwitchGate) -> Void
    ) {
      self.name = name
      self.reasons = reasons
      self.hours = hours
      self.change = change
    }
  }

  /// Sunday, 10:00 UTC.
  static let now = Timestamp(seconds: 1_795_341_600)
  static func after(hours: Int64) -> Timestamp { Timestamp(seconds: now.seconds + hours * 3_600) }

  static let rows: [Row] = [
    Row("nothing in the way", []) { _ in },
    Row("outside the window", [.window], hours: 12) { $0.rules.window = ["22:00..05:00"] },
    Row("inside the window", []) { $0.rules.window = ["Sun 09:00..11:00"] },
    Row("inside one of two", []) { $0.rules.window = ["22:00..05:00", "Sun"] },
    Row("the next of two", [.window], hours: 2) { $0.rules.window = ["22:00..05:00", "12:00..13:00"] },
    Row("by the device's own clock", []) {
      $0.rules.window = ["22:00..05:00"]; $0.offsetSeconds = 12 * 3_600
    },
    Row("--now passes the window", []) {
      $0.rules.window = ["22:00..05:00"]; $0.request = .now
    },
    Row("a window that never opens ends with deferMax", [.window], hours: 14 * 24) { $0.rules.window = ["*-02-30"] },
    Row("busy", [.busy], hours: 14 * 24) { $0.busy = "a meeting" },
    Row("busy holds against --now", [.busy]) {
      $0.busy = "a meeting"; $0.request = .now
    },
    Row("busy yields to --force", []) {
      $0.busy = "a meeting"; $0.request = .force
    },
    Row("hold", [.hold], hours: 2) { $0.hold = .init(until: after(hours: 2)) },
    Row("hold that is over", []) { $0.hold = .init(until: now) },
    Row("hold without an end", [.hold], hours: 14 * 24) { $0.hold = .init() },
    Row("hold holds against --now", [.hold]) {
      $0.hold = .init(); $0.request = .now
    },
    Row("hold yields to --force", []) {
      $0.hold = .init(); $0.request = .force
    },
    Row("all three", [.window, .busy, .hold]) {
      $0.rules.window = ["22:00..05:00"]; $0.busy = "a meeting"; $0.hold = .init()
    },
    Row("put off for deferMax", []) {
      $0.rules.window = ["22:00..05:00"]; $0.busy = "a meeting"; $0.hold = .init();
      $0.waitingSince = after(hours: -14 * 24)
    },
    Row("an hour before deferMax", [.busy], hours: 1) {
      $0.busy = "a meeting"; $0.waitingSince = after(hours: 1 - 14 * 24)
    },
    Row("critical waits 4 h", []) {
      $0.busy = "a meeting"; $0.critical = true; $0.readySince = after(hours: -4)
    },
    Row("critical waits less than 4 h", [.busy], hours: 1) {
      $0.busy = "a meeting"; $0.critical = true; $0.readySince = after(hours: -3)
    },
    Row("a window gone by unused is waited for again", [.window], hours: 12) {
      $0.rules.window = ["22:00..05:00"]; $0.readySince = after(hours: -6 * 24); $0.waitingSince = $0.readySince
    },
    Row("a weekly one that was missed once too", [.window], hours: 6 * 24 - 8) {
      $0.rules.window = ["Sat 02:00..04:00"]; $0.readySince = after(hours: -7 * 24); $0.waitingSince = $0.readySince
    },
    Row("but for no longer than catchUp after it opened", [.window], hours: 7 * 24 - 56) {
      $0.rules.window = ["*-*-20 02:00..04:00"]; $0.readySince = after(hours: -7 * 24); $0.waitingSince = $0.readySince
    },
    Row("catchUp is over", []) {
      $0.rules.window = ["*-*-15 02:00..04:00"]; $0.readySince = after(hours: -8 * 24); $0.waitingSince = $0.readySince
    },
    Row("catchUp passes the window only", [.busy]) {
      $0.rules.window = ["*-*-15 02:00..04:00"]; $0.readySince = after(hours: -8 * 24); $0.waitingSince = $0.readySince
      $0.busy = "a meeting"
    },
    Row("a window that has not come yet is not missed", [.window], hours: 6 * 24 - 8) {
      $0.rules.window = ["*-*-28 02:00..04:00"]; $0.readySince = after(hours: -8 * 24); $0.waitingSince = $0.readySince
    },
    Row("catchUp is the admin's to choose", []) {
      $0.rules.window = ["22:00..05:00"]; $0.rules.catchUpSeconds = 0; $0.readySince = after(hours: -24)
      $0.waitingSince = $0.readySince
    },
    Row("a stream of releases does not begin deferMax anew", []) {
      $0.hold = .init(); $0.waitingSince = after(hours: -14 * 24)
    },
    Row("nor does it make a critical one hasty", [.busy], hours: 4) {
      $0.busy = "a meeting"; $0.critical = true; $0.waitingSince = after(hours: -5)
    },
    Row("critical before a distant window", [.window], hours: 4) {
      $0.rules.window = ["22:00..05:00"]; $0.critical = true
    },
  ]

  @Test(arguments: rows) func windowBusyAndHoldDelayTheSwitch(_ row: Row) {
    var gate = SwitchGate(
      version: SemanticVersion(1, 5, 0), rules: UpdateRules(), now: SwitchGateTests.now, readySince: SwitchGateTests.now
    )
    row.change(&gate)
    let waiting = gate.waitingFor
    #expect(waiting.map(\.reason) == row.reasons)
    if let hours = row.hours { #expect(waiting.first?.until == SwitchGateTests.after(hours: hours)) }
  }
}
