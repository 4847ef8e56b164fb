import Product

/// What all devices share; nothing here changes while the simulation runs.
struct World: Sendable {
  let repository: Repository
  let product: ProductManifest
  let timer: PollTimer
  let jitter: Bool
  /// Seconds since 1970; midnight of a Monday, UTC.
  let start: Int64
  let first: SemanticVersion
  let bad: SemanticVersion
  let good: SemanticVersion
}

/// How a device that runs the bad version shows it.
enum Fault: Sendable {
  /// The agent ends after 25 seconds, each time.
  case crashes
  /// It runs, and its probe never passes.
  case silent
  /// It passes its probation; people notice later.
  case late
}

/// What happened to one device, for the summary.
struct Story: Sendable {
  var gotBadAt: Int64?
  var rolledBackAt: Int64?
  var keptBad = false
  /// When a device that had kept the bad version left it.
  var leftBadAt: Int64?
  var gotGoodAt: Int64?
  var goodAgainBad = false
  var polls = 0

  /// From the switch to the bad version to the roll-back by the device itself.
  var secondsWithBad: Int64? {
    guard let gotBadAt, let rolledBackAt else { return nil }
    return rolledBackAt - gotBadAt
  }
}
