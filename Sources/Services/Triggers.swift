import Glibc
import Posix
import Product
import SystemPackage

/// The timers and the path unit of one product, as the supervisor keeps them. Times are monotonic nanoseconds.
struct Triggers {
  private let settings: SupervisorSettings
  private let id: ProductID
  /// Seconds between polls.
  var interval: Double
  var fetchArmed = true
  var applyArmed = true
  var proveArmed = false
  private var nextFetch = Int64.max
  private var nextProve = Int64.max

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
  }

  /// The services that are due.
  mutating func due(_ now: Int64) -> [String] {
    var names: [String] = []
    if applyArmed, exists(settings.paths.ready) { names.append(ProcessPlan.Unit.apply(id)) }
    if proveArmed, now >= nextProve, exists(settings.paths.proving) {
      nextProve = now + Int64(settings.proveInterval * 1e9)
      names.append(ProcessPlan.Unit.prove(id))
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
    default: return nil
    }
    return armed ? UnitStatus(activeState: "active", subState: "waiting") : UnitStatus()
  }

  private func exists(_ path: FilePath) -> Bool {
    var status = stat()
    return lstat(settings.paths.host(path).string, &status) == 0
  }
}
