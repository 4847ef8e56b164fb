import Bundles
import Cryptography
import Installation
import Posix
import Product
import Services
import SystemPackage
import TUF

/// The part that is root and has no network: claims what fetch brought, verifies it itself, decides, stages, switches.
public struct Apply: Sendable {
  public enum Outcome: Sendable, Equatable {
    /// What is installed is what is wanted.
    case nothingToDo
    /// A version is on probation; nothing else is applied meanwhile.
    case proving(SemanticVersion)
    /// fetch has been told to bring the release's files.
    case wanted(SemanticVersion?)
    /// A version runs and is on probation.
    case switched(SemanticVersion)
    /// There is a newer version, and reasons not to take it now.
    case waiting
  }

  public let device: Device
  let request: Situation.Request

  public init(_ device: Device, request: Situation.Request = .background) {
    self.device = device
    self.request = request
  }

  /// One run, as `slipway-apply@ID.service` makes it; waits `patience` seconds for another one to end.
  public func run(patience: Double = 5) async throws -> Outcome {
    let lock = try lockOrLowerFlag(patience)
    defer { _ = lock }
    return try await record { try await apply(try claim()) }
  }

  /// A flag that is never claimed drives the path unit into failure.
  private func lockOrLowerFlag(_ patience: Double) throws -> FileLock {
    do {
      return try device.lock(patience: patience)
    } catch {
      try? Directory.open(device.layout.fetch).removeTree("ready")
      throw error
    }
  }

  private func apply(_ claimed: Directory?) async throws -> Outcome {
    let recovery = Recovery(device)
    let journal = try await recovery.resume(atBoot: false)
    if journal.state == .proving || journal.state == .rolledBack, let to = journal.to {
      // What was brought meanwhile is brought again afterwards.
      try removeClaimed()
      return .proving(try SemanticVersion(to))
    }
    if try StateFiles(device).isFirstInstallationUnfinished() {
      throw UpdatingError(
        .noWayBack, "the installation of \(device.layout.product) has failed, or was cut off",
        remedy: "run the Setup file again, or `slipway offboard`")
    }
    try device.requireConfiguration()
    try await UnitFiles(device).followWishes()
    let trusted = TrustedStore(device.layout)
    var door = try device.door(ArrivedSource(claimed: claimed, trusted: trusted), store: trusted)
    do {
      try await door.refresh()
    } catch let error as TUFError
      where claimed == nil && (error.code == .expired || error.code == .missing && error.role != "root")
    {
      // Nothing new has come and what is known is old: there is nothing to decide.
      let waiting = Waiting(device, try Change(device))
      return try waiting.metadataExpired() ? .waiting : .nothingToDo
    }
    do {
      let outcome = try await decide(&door, fresh: claimed != nil)
      if claimed != nil { try removeClaimed() }
      return outcome
    } catch let error as TUFError
      where claimed == nil && error.role == device.layout.product.rolloutRole
    {
      // A bundle did not bring what the channel says now; the next poll does.
      return .nothingToDo
    }
  }

  /// Renames `fetch/outgoing` aside, and only then lowers the flag: while it is up, fetch leaves `outgoing` as it is, and
  /// without it `outgoing` is not whole yet. The caller holds the lock.
  private func claim() throws -> Directory? {
    let state = try Directory.open(device.layout.state)
    let fetch = try state.directory("fetch")
    let intake = try state.makeDirectory("incoming", mode: 0o700)
    if try fetch.status("ready") != nil {
      let moved = Result {
        // Whatever is not a folder of its own is left to recover.
        guard try fetch.status("outgoing")?.kind == .directory else { return }
        try intake.removeTree("claimed")
        try fetch.rename("outgoing", to: intake, as: "claimed")
      }
      try fetch.removeTree("ready")
      try moved.get()
    }
    guard try intake.status("claimed") != nil else { return nil }
    let claimed = try intake.directory("claimed")
    // Raised to have everything decided anew, with nothing new to decide it by.
    return try claimed.names().isEmpty ? nil : claimed
  }

  private func removeClaimed() throws {
    try Directory.open(device.layout.incoming).removeTree("claimed")
  }

  /// Decides what should run, and does as much of it as the bytes at hand allow.
  private func decide(_ door: inout Door, fresh: Bool) async throws -> Outcome {
    let files = try StateFiles(device)
    let store = try VersionStore(device.layout)
    let choice = Choice(device, request: request)
    let small = try await door.missingSmallTargets(channel: try choice.channelName(store.version(.current)))
    if !small.isEmpty { return try await want(small, for: store.version(.current), door) }
    let decision = try await choice.make(&door, files: files, store: store)
    let waiting = Waiting(device, Change(device, store: store, files: files))
    let note = { (reasons: [WaitingFor]) in
      let now = device.now
      try files.update { state in
        if fresh { state.lastCheck = now }
        state.waitingFor = decision.waitingFor + reasons
      }
    }
    guard let target = decision.target else {
      try note([])
      try await waiting.forget()
      try Want(device).write(door, targets: [], policy: decision.policy, again: decision.waitingFor)
      try door.intake.clear(keeping: [])
      return decision.waitingFor.isEmpty ? .nothingToDo : .waiting
    }
    do {
      guard let staged = try await stage(target, door, waiting) else {
        try note([])
        return try await want(target.all, for: target.version, door)
      }
      try Want(device).write(door, targets: [], policy: decision.policy, again: decision.waitingFor)
      let reasons = try await waiting.reasons(staged, critical: decision.critical, request: request)
      try note(reasons)
      guard reasons.isEmpty else {
        try await waiting.begin(reasons)
        return .waiting
      }
      try await waiting.change.begin(staged)
      try await waiting.end()
      return .switched(target.version)
    } catch let error as UpdatingError where error.code == .updaterBroken {
      // Known-bad now: nothing more to bring.
      try await waiting.forget()
      try Want(device).write(door, targets: [])
      throw error
    }
  }

  /// Has the version's tree lie beside the running one; nil when its bytes are not here yet.
  private func stage(
    _ target: ReleaseTargets, _ door: Door, _ waiting: Waiting
  ) async throws -> DeviceState.Staged? {
    if let staged = try waiting.staged(target) { return staged }
    if try !waiting.change.isKept(target) {
      guard try door.brings(target.all) else { return nil }
      // Wanted until it is staged: an interruption, or a full disk, must not make the next poll believe that there is no
      // news.
      try Want(device).write(door, targets: target.all)
      try await waiting.change.prepare(try door.release(target), through: door)
    }
    return try waiting.note(target)
  }

  private func want(_ targets: [TargetReference], for version: SemanticVersion?, _ door: Door) async throws -> Outcome {
    // Told the same before: fetch is at it, or has failed and goes on with its next poll. What looks at a waiting version
    // every minute must not cut off the download of a newer one, nor ask a server without end for what it has not.
    let isTold = Want(device).targets() == targets
    try Want(device).write(door, targets: targets)
    if isTold { return .wanted(version) }
    device.log.info("fetch is told to bring \(targets.map(\.name).joined(separator: ", "))")
    // A person's request fetches by itself; in the background fetch is started again as our last act.
    if request == .background {
      try await device.services.restart([ProcessPlan.Unit.fetch(device.layout.product)], noBlock: true)
    }
    return .wanted(version)
  }

  /// Notes how a run ended where `status` finds it.
  private func record(_ work: () async throws -> Outcome) async throws -> Outcome {
    do {
      let outcome = try await work()
      // A run that did its work is no sign of a flag that spins: it does not count towards the unit's start limit.
      if request == .background {
        try? await device.services.resetFailed([ProcessPlan.Unit.apply(device.layout.product)])
      }
      return outcome
    } catch {
      let failure = Failure(error)
      device.log.error("\(failure.message)")
      // A refused updater is on record already, as known-bad and with its version.
      if (error as? UpdatingError)?.code == .updaterBroken { throw error }
      let now = device.now
      try? StateFiles(device).update {
        // It says that there is no installation to go on with.
        guard $0.lastResult?.kind != "installFailed" else { return }
        $0.lastResult = .init(kind: "applyFailed", at: now, code: failure.code.rawValue, message: failure.message)
      }
      throw error
    }
  }
}
