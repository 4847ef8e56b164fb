import Bundles
import Installation
import Posix
import Product
import Services

/// A version that lies unpacked beside the running one until the agent may be restarted: window, busy and hold put the
/// switch off, never the download.
struct Waiting {
  let device: Device
  let change: Change

  init(_ device: Device, _ change: Change) {
    self.device = device
    self.change = change
  }

  private var timer: FlaggedTimer {
    FlaggedTimer(
      device: device, flag: UnitPaths.waitingFlag, timer: ProcessPlan.Unit.applyTimer(device.layout.product))
  }

  /// What waits, if it is what is wanted.
  func staged(_ target: ReleaseTargets) throws -> DeviceState.Staged? {
    guard let staged = try change.files.state()?.staged, staged.version == target.version,
      staged.tree == target.tree.sha256.hex, change.store.contains(staged.version)
    else { return nil }
    let known = staged.known(at: Timestamp(seconds: device.time))
    if known != staged { try change.files.update { $0.staged = known } }
    return known
  }

  /// Notes a version that has just been unpacked. One that waited before it is removed: it is not wanted any more.
  func note(_ target: ReleaseTargets) throws -> DeviceState.Staged {
    let now = Timestamp(seconds: device.time)
    let before = try change.files.state()?.staged
    let staged = DeviceState.Staged(
      version: target.version, tree: target.tree.sha256.hex, readySince: now,
      waitingSince: min(before?.waitingSince ?? now, now))
    try change.files.update { $0.staged = staged }
    if let before, before.version != target.version { try change.store.remove(before.version) }
    return staged
  }

  /// What the switch waits for; empty means go.
  func reasons(_ staged: DeviceState.Staged, critical: Bool, request: Situation.Request) async throws -> [WaitingFor] {
    guard let running = change.store.version(.current) else { return [] }
    let manifest = try device.manifest(of: running)
    let busy = request == .force ? nil : try await BusyLook(device).running(manifest)
    let now = device.time
    return SwitchGate(
      version: staged.version, rules: device.configuration.updates(for: manifest), critical: critical,
      now: Timestamp(seconds: now), offsetSeconds: device.clock.localOffset(now), readySince: staged.readySince,
      waitingSince: staged.waitingSince, busy: busy, hold: device.configuration.hold, request: request
    ).waitingFor
  }

  /// Has what is staged looked after from the next boot's end on.
  func raise() throws { try timer.raise() }

  func begin(_ reasons: [WaitingFor]) async throws {
    for wait in reasons {
      device.log.info("\(wait.version?.description ?? "") waits: \(wait.reason.rawValue) \(wait.detail ?? "")")
    }
    try change.files.record(.idle)
    try await timer.begin()
  }

  /// The switch is about to be made: nothing waits any more.
  func end() async throws {
    try change.files.update { $0.staged = nil }
    if try timer.isRaised() { try await timer.end() }
  }

  /// What waited is not wanted any more.
  func forget() async throws {
    if let staged = try change.files.state()?.staged { try change.store.remove(staged.version) }
    try await end()
  }

  /// The repository's word has grown old: whether the version is still to be had, nobody knows.
  /// - Returns: whether a version waits.
  func metadataExpired() throws -> Bool {
    guard let staged = try change.files.state()?.staged else { return false }
    try change.files.update { state in
      state.waitingFor = [
        WaitingFor(.network, version: staged.version, detail: "what the repository said last has expired")
      ]
    }
    return true
  }
}
