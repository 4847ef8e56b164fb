import Installation
import Posix
import Product
import Services
import SystemPackage

/// The looks at a version on probation, taken by the proven version's updater every ten seconds.
public struct Probing: Sendable {
  let device: Device

  public init(_ device: Device) { self.device = device }

  var timer: FlaggedTimer {
    FlaggedTimer(
      device: device, flag: "proving-pending", timer: ProcessPlan.Unit.proveTimer(device.layout.product))
  }

  /// One bounded look: commit, roll back, or wait for the next.
  public func look() async throws {
    let lock = try device.lock(patience: 2)
    defer { _ = lock }
    let change = try Change(device)
    let journal = try Recovery(device).readJournal(change)
    switch journal.state {
    case .proving: try await judge(journal, change)
    case .rolledBack: try await judgeOld(journal, change)
    case .idle, .verified, .staged: try await timer.end()
    // Whoever was at work on it has ended before it was done.
    case .switching, .committed, .rollingBack, .none: _ = try await Recovery(device).resume(atBoot: false)
    }
    // What the change kept waiting, or what follows it, need not wait for the repository's next news.
    if journal.state != .idle, try change.files.journal().state == .idle {
      try? await device.services.start([ProcessPlan.Unit.apply(device.layout.product)], noBlock: true)
    }
  }

  private func judge(_ before: Journal, _ change: Change) async throws {
    var journal = before
    guard let to = journal.to.flatMap({ try? SemanticVersion($0) }), let probation = journal.probation else {
      return try await change.rollBack(journal, reason: "the journal names no version on probation", start: true)
    }
    let manifest = try device.manifest(of: to)
    let health = try await passes(manifest)
    let answer = try await SelfTest(device).ask(change.store.path(of: to))
    let look = Observation(
      boot: device.clock.bootID(), now: device.clock.monotonic(), units: try await units(manifest, probation),
      probePasses: health.passes, updaterFault: answer.fault)
    var (verdict, next) = Judgement.judge(probation, look, rules: Self.rules(manifest))
    next.build = answer.build
    if case .rollBack = verdict {
      // Failed already: nothing is left to qualify.
    } else if look.probePasses, next.qualification == .pending {
      switch try await Qualification(device).judge(to, change.store) {
      case .passed: next.qualification = .passed
      case .offline: next.qualification = .offline
      case .failed(let why): verdict = .rollBack(why)
      }
    }
    journal.probation = next
    try await note(health: look.probePasses, change.files)
    switch verdict {
    case .goOn: try change.files.record(journal)
    case .commit: try await change.commit(journal)
    case .rollBack(let reason): try await change.rollBack(journal, reason: reason, start: true)
    }
  }

  /// Whether the version that is about to be left passes, by one look; nil where there is none.
  func oldPasses(_ journal: Journal) async throws -> Bool? {
    guard let from = journal.from.flatMap({ try? SemanticVersion($0) }) else { return nil }
    let health = try await passes(try device.manifest(of: from))
    if let why = health.why { device.log.error("\(from) does not pass before it is left: \(why)") }
    return health.passes
  }

  /// The old version after a roll-back: once it passes, the new one was at fault; at the deadline nobody knows.
  private func judgeOld(_ before: Journal, _ change: Change) async throws {
    guard let from = before.from.flatMap({ try? SemanticVersion($0) }) else { return try change.files.record(.idle) }
    let manifest = try device.manifest(of: from)
    if try await passes(manifest).passes { return try await change.judgeAfterRollback(before, oldPasses: true) }
    let start = before.probation?.boot == device.clock.bootID() ? before.probation?.bootStart ?? 0 : 0
    if device.clock.monotonic() - start >= Self.rules(manifest).deadline {
      try await change.judgeAfterRollback(before, oldPasses: false)
    }
  }

  private func note(health passes: Bool, _ files: StateFiles) async throws {
    let health = passes ? "passing" : "failing"
    if try files.state()?.health != health { try files.update { $0.health = health } }
  }

  /// A process that is older than the switch runs the old version, and does not count.
  private func units(_ manifest: ProductManifest, _ probation: Probation) async throws -> [Observation.Unit] {
    let switched = probation.switchBoot == device.clock.bootID() ? probation.switchedAt : 0
    var units: [Observation.Unit] = []
    for name in manifest.agentUnits {
      let status = try await device.services.status(name)
      let isNew = Int64(status.startedAtMonotonicMicroseconds) * 1000 >= switched
      units.append(
        .init(
          name: name, failed: status.isFailed,
          process: status.isRunning && isNew ? .init(pid: status.mainPID, invocation: status.invocationID) : nil))
    }
    return units
  }

  /// Whether the probes of all services pass now; if not, what the first said.
  func passes(_ manifest: ProductManifest) async throws -> (passes: Bool, why: String?) {
    for service in manifest.services {
      guard let probe = service.probe else { continue }
      let unit = try await device.services.status(service.unit(of: manifest.id))
      guard unit.isRunning else { return (false, "\(service.name) does not run (\(unit.activeState), \(unit.result))") }
      let result = try await device.services.run(
        TransientJob(
          command: device.command(.proven, ["probe", "--service", service.name]),
          user: service.user, sandbox: .probe(service), timeLimit: Double(probe.timeoutSeconds) + 2))
      guard result.isSuccess else {
        let said = String(decoding: result.output.suffix(400), as: UTF8.self)
        return (false, "\(service.name): \(result.timedOut ? "the probe took too long" : said)")
      }
    }
    return (true, nil)
  }

  static func rules(_ manifest: ProductManifest) -> Judgement.Rules {
    let second: Int64 = 1_000_000_000
    let probation = manifest.services.map(\.probationSeconds).max() ?? AgentService.standardProbationSeconds
    let deadline = manifest.services.compactMap { $0.probe?.deadlineSeconds }.max() ?? Probe.standardDeadlineSeconds
    return Judgement.Rules(probation: probation * second, deadline: deadline * second)
  }
}
