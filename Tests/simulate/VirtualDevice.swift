import Cryptography
import Installation
import Product
import TUF
import Updating

/// One device: its own power, room, seed, trusted metadata and state, moved on by Slipway's own decisions.
struct VirtualDevice: Sendable {
  let number: Int
  let power: Power
  let rules: UpdateRules
  let hasMeetings: Bool
  let fault: Fault
  let seed: [UInt8]
  var dice: Dice

  let store: MemoryStore
  var timestamp: SHA256Digest?
  var kept: [String: [UInt8]] = [:]
  var state: DeviceState
  var installed: SemanticVersion
  var previous: SemanticVersion?
  var journal: (probation: Probation, tree: String, switchedAt: Int64)?

  /// The span with power that is under way.
  var boot: Range<Int64>
  var pollAt: Int64
  var gateAt: Int64?
  var lookAt: Int64?
  var story = Story()
  /// Whether what is staged leads away from a bad version.
  var leavesBad = false
  /// Requests of the present event.
  var asked = 0

  init(_ number: Int, root: [UInt8], world: World, seed: UInt64) {
    self.number = number
    dice = Dice(seed: seed &+ UInt64(number) &* 0x9E37_79B9)
    power =
      switch number % 20 {
      case 0: .closed
      case 1...5: .masterSwitch
      case 6...8: .people
      default: .always
      }
    var rules = world.product.updates
    // Half of the machines that are always on switch at night only.
    if power == .always, number % 2 == 0 { rules.window = ["22:00..05:00"] }
    self.rules = rules
    hasMeetings = number % 3 != 0
    fault =
      switch Int.random(in: 0..<100, using: &dice) {
      case ..<60: .crashes
      case ..<85: .silent
      default: .late
      }
    var dice = dice
    let seedBytes = (0..<32).map { _ in UInt8.random(in: 0...255, using: &dice) }
    self.seed = seedBytes
    state = DeviceState(seed: Hex.encode(seedBytes))
    store = MemoryStore(["root": root])
    installed = world.first
    // The first morning is not a power cut of the whole world: devices have been on for as long as they have.
    boot = power.span(at: world.start, device: number, start: world.start)
    let begun = max(boot.lowerBound, world.start)
    pollAt =
      begun == world.start
      ? begun + Int64.random(in: 0..<world.timer.afterPoll, using: &dice)
      : world.timer.next(after: begun, booted: true, jitter: world.jitter, using: &dice)
    self.dice = dice
  }

  /// When something happens next, a boot included.
  var next: Int64 { min(pollAt, gateAt ?? .max, lookAt ?? .max) }

  /// Does what is due at `now`.
  mutating func move(to now: Int64, _ world: World) async throws {
    asked = 0
    if lookAt == now {
      try await look(now, world)
    } else if gateAt == now {
      gate(now, world)
    } else {
      try await poll(now, world)
      pollAt = world.timer.next(after: now, booted: false, jitter: world.jitter, using: &dice)
    }
    if next >= boot.upperBound { start(world) }
  }

  /// The power is off, and comes back.
  private mutating func start(_ world: World) {
    boot = power.span(at: boot.upperBound, device: number, start: world.start)
    pollAt = world.timer.next(after: boot.lowerBound, booted: true, jitter: world.jitter, using: &dice)
    gateAt = state.staged == nil ? nil : boot.lowerBound + world.timer.gateAfterBoot
    lookAt = journal == nil ? nil : boot.lowerBound + 30
  }

  /// Asks for the timestamp, and where there is a new one for what it leads to; then decides.
  private mutating func poll(_ now: Int64, _ world: World) async throws {
    story.polls += 1
    asked += 1
    guard let bytes = try await world.repository.metadata(named: "timestamp.json", maximumLength: 16_384) else {
      throw SimulationError("there is no timestamp.json")
    }
    let digest = try sha256(bytes)
    let due = state.waitingFor.contains { $0.until.map { $0.seconds <= now } ?? false }
    // While a version is on probation nothing else is decided.
    guard digest != timestamp || due || state.staged != nil, journal == nil else { return }
    let source = AfterTimestamp(timestamp: bytes, repository: world.repository)
    try await decide(source, now, world)
    asked += source.asked
    timestamp = digest
  }
}
