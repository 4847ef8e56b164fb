import Glibc
import Posix
import Product
import SystemPackage

/// The timers and the path units of one product, as the supervisor keeps them. Times are monotonic nanoseconds.
struct Triggers {
  private let settings: SupervisorSettings
  private let id: ProductID
  /// Seconds between polls.
  var interval: Double
  var fetchArmed = true
  var applyArmed = true
  var proveArmed = false
  /// Whether a staged version is looked after.
  private var waitArmed = false
  private var nextFetch = Int64.max
  private var nextProve = Int64.max
  private var nextWait = Int64.max
  /// The agent's request for a poll as last seen, and when another one may be followed.
  private var request: Stamp?
  private var nextRequest = Int64.min

  init(_ settings: SupervisorSettings, interval: Double) {
    self.settings = settings
    self.interval = interval
    id = settings.paths.id
  }

  /// After recover had its say.
  mutating func begin(_ now: Int64) {
    nextFetch = now + Int64(settings.firstFetch * 1e9)
    proveArmed = exists(settings.paths.proving)
    nextProve = now + Int64(settings.firstProve * 1e9)
    waitArmed = exists(settings.paths.waiting)
    // Not before the first poll: a device that was off may not know yet that the version has been halted.
    nextWait = now + Int64((settings.firstFetch + settings.waitInterval) * 1e9)
    request = Stamp(settings.paths.host(settings.paths.updateRequest))
  }

  /// The services that are due.
  mutating func due(_ now: Int64) -> [String] {
    var names: [String] = []
    if applyArmed, exists(settings.paths.ready) { names.append(ProcessPlan.Unit.apply(id)) }
    if proveArmed, now >= nextProve, exists(settings.paths.proving) {
      nextProve = now + Int64(settings.proveInterval * 1e9)
      names.append(ProcessPlan.Unit.prove(id))
    }
    if waitArmed, now >= nextWait, exists(settings.paths.waiting) {
      nextWait = now + Int64(settings.waitInterval * 1e9)
      names.append(ProcessPlan.Unit.apply(id))
    }
    if now >= nextRequest, let stamp = Stamp(settings.paths.host(settings.paths.updateRequest)), stamp != request {
      request = stamp
      nextRequest = now + Int64(settings.requestInterval * 1e9)
      names.append(ProcessPlan.Unit.fetch(id))
    }
    if fetchArmed, now >= nextFetch {
      nextFetch = now + Int64(interval * 1e9)
      names.append(ProcessPlan.Unit.fetch(id))
    }
    return names
  }

  /// A poll is followed by a whole interval of rest, as with `OnUnitInactiveSec=`.
  mutating func ended(_ unit: String, _ now: Int64) {
    if unit == ProcessPlan.Unit.fetch(id) { nextFetch = now + Int64(interval * 1e9) }
    if unit == ProcessPlan.Unit.apply(id) { nextWait = now + Int64(settings.waitInterval * 1e9) }
  }

  /// Arms or disarms the unit of this name; false: it is none of these.
  mutating func arm(_ unit: String, _ armed: Bool, _ now: Int64) -> Bool {
    switch unit {
    case ProcessPlan.Unit.fetchTimer(id):
      if armed, !fetchArmed { nextFetch = now }
      fetchArmed = armed
    case ProcessPlan.Unit.applyPath(id): applyArmed = armed
    case ProcessPlan.Unit.proveTimer(id):
      if armed, !proveArmed { nextProve = now }
      proveArmed = armed
    case ProcessPlan.Unit.applyTimer(id):
      if armed, !waitArmed { nextWait = now + Int64(settings.waitInterval * 1e9) }
      waitArmed = armed
    default: return false
    }
    return true
  }

  /// The state of the unit of this name; nil: it is none of these.
  func status(_ unit: String) -> UnitStatus? {
    let armed: Bool
    switch unit {
    case ProcessPlan.Unit.fetchTimer(id): armed = fetchArmed
    case ProcessPlan.Unit.applyPath(id): armed = applyArmed
    case ProcessPlan.Unit.proveTimer(id): armed = proveArmed && exists(settings.paths.proving)
    case ProcessPlan.Unit.applyTimer(id): armed = waitArmed && exists(settings.paths.waiting)
    default: return nil
    }
    return armed ? UnitStatus(activeState: "active", subState: "waiting") : UnitStatus()
  }

  /// When a file was last touched, and which file it is.
  private struct Stamp: Equatable {
    private let inode: UInt64
    private let seconds: Int
    private let nanoseconds: Int

    init?(_ path: FilePath) {
      var status = stat()
      guard lstat(path.string, &status) == 0 else { return nil }
      inode = UInt64(status.st_ino)
      seconds = status.st_ctim.tv_sec
      nanoseconds = status.st_ctim.tv_nsec
    }
  }

  private func exists(_ path: FilePath) -> Bool {
    var status = stat()
    return lstat(settings.paths.host(path).string, &status) == 0
  }
}
