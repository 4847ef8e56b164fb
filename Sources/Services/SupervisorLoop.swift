import Glibc
import Posix
import Product
import SystemPackage

/// The supervisor's state and its one loop; confined to the supervisor's thread.
final class SupervisorLoop {
  enum Stage: Equatable {
    case recovering, serving
    /// The updater's processes go first, so that nothing restarts an agent behind our back.
    case stoppingUpdater, stoppingAgents
  }

  /// The longest sleep, in milliseconds: the ready flag is looked for this often.
  static let tick: Int32 = 200

  let settings: SupervisorSettings
  let wake: Int32
  let listener: Int32
  /// To the product each run of the supervisor is a boot.
  let bootID = ChildProcess.newID()
  private let lock: FileLock
  var manifest: ProductManifest
  var units: [String: SupervisedUnit] = [:]
  var clients: [Client] = []
  var jobs: [RunningJob] = []
  var triggers: Triggers
  /// nil where the product uses no TPM.
  var signer: SignerListener?
  var stage = Stage.recovering
  var isolation: Isolation

  var paths: UnitPaths { settings.paths }

  init(_ settings: SupervisorSettings, wake: Int32) throws {
    self.settings = settings
    self.wake = wake
    manifest = try settings.manifest()
    triggers = Triggers(settings, interval: settings.fetchInterval ?? Double(manifest.updates.intervalSeconds))
    isolation = geteuid() == 0 ? .full : .none
    let paths = settings.paths
    try FolderMaker.make(paths.host(paths.runtime), below: paths.root)
    let folder = try Directory.open(paths.host(paths.runtime))
    guard let lock = try FileLock.take("supervisor.lock", in: folder) else {
      throw ServicesError(.refused, "\(paths.host(paths.runtime)): another supervisor runs")
    }
    self.lock = lock
    listener = try LocalSocket.listen(at: paths.host(paths.supervisorSocket))
    do {
      try loadPlans()
    } catch {
      close(listener)
      throw error
    }
  }

  deinit {
    for client in clients { close(client.descriptor) }
    close(listener)
    unlink(paths.host(paths.supervisorSocket).string)
  }

  func run() throws {
    settings.log("supervising \(manifest.id), isolation \(isolation.rawValue)")
    start(ProcessPlan.Unit.recover(manifest.id))
    while !isFinished {
      wait()
      let now = HostClock.monotonicNanoseconds()
      reapChildren(now)
      advanceJobs(now)
      serveClients()
      serveSigner(now)
      enforceDeadlines(now)
      advanceStage(now)
      answerWaiting()
    }
    leaveMark()
    settings.log("stopped")
  }

  /// What recover's `ExecStop=` does under systemd: says that this run ended in order.
  private func leaveMark() {
    let mark = paths.cleanShutdown
    do {
      let folder = try Directory.open(paths.host(mark.removingLastComponent()))
      try DurableFile.write(Array("\(bootID)\n".utf8), mark.lastComponent?.string ?? "", in: folder)
    } catch {
      settings.log("no mark of a clean stop: \(error)")
    }
  }

  /// Takes the manifest's services as they are now. A running service keeps its process until it is restarted.
  func loadPlans() throws(ServicesError) {
    let plans = try ProcessPlan.all(manifest, paths)
    for plan in plans {
      if let unit = units[plan.unit] { unit.plan = plan } else { units[plan.unit] = SupervisedUnit(plan) }
    }
    let names = Set(plans.map(\.unit))
    loadSigner()
    for (name, unit) in units where !names.contains(name) && unit.child == nil { units[name] = nil }
  }

  private var isFinished: Bool {
    stage == .stoppingAgents && units.values.allSatisfy { $0.child == nil } && jobs.isEmpty
      && signer?.isIdle ?? true
  }

  /// Sleeps until something happens, or a tick has passed.
  private func wait() {
    var watched = [pollfd(fd: wake, events: Int16(POLLIN), revents: 0)]
    watched.append(pollfd(fd: listener, events: Int16(POLLIN), revents: 0))
    for unit in units.values {
      if let child = unit.child { watched.append(pollfd(fd: child.descriptor, events: Int16(POLLIN), revents: 0)) }
    }
    for job in jobs {
      watched.append(pollfd(fd: job.child.descriptor, events: Int16(POLLIN), revents: 0))
      if job.pipe >= 0 { watched.append(pollfd(fd: job.pipe, events: Int16(POLLIN), revents: 0)) }
    }
    watched += signer?.watched ?? []
    for client in clients { watched.append(pollfd(fd: client.descriptor, events: client.interest, revents: 0)) }
    poll(&watched, nfds_t(watched.count), Self.tick)

    var byte: UInt8 = 0
    var asked = false
    while read(wake, &byte, 1) == 1 { asked = true }
    if asked { beginStopping() }
  }
}
