import Bundles
import Installation
import Posix
import Product
import Services
import SystemPackage
import TUF

/// An update that a person asks for: by the network as in the background, or from a bundle in hand.
public struct RequestedUpdate: Sendable {
  public enum Result: String, Sendable { case upToDate, available, switched, waiting, proving }

  public struct Answer: Sendable {
    public var result: Result
    public var version: SemanticVersion?
    public var waitingFor: [WaitingFor]
  }

  /// How old a bundle may be: seconds past its timestamp's expiry (400 days).
  public static let maximumAge: Int64 = 400 * 86_400

  let device: Device
  let request: Situation.Request

  public init(_ device: Device, request: Situation.Request) {
    self.device = device
    self.request = request
  }

  /// fetch and apply, one after the other, until there is nothing more to bring.
  public func poll() async throws -> Answer {
    try device.requireConfiguration()
    try await waitForLook()
    let fetch = ProcessPlan.Unit.fetch(device.layout.product)
    try await device.services.resetFailed([fetch, ProcessPlan.Unit.apply(device.layout.product)])
    // Whoever asks wants to hear it from the repository itself.
    Pause(folder: try Directory.open(device.layout.fetch), now: 0).lift()
    // Metadata, then the files that it made wanted; a third round for a repository that changed meanwhile.
    for _ in 0..<3 {
      do { try await Download(device).watched { try await device.services.start([fetch]) } } catch {
        throw fetchFailed(error)
      }
      let outcome = try await Apply(device, request: request).run(patience: 120)
      if case .wanted = outcome { continue }
      return try answer(outcome)
    }
    throw UpdatingError(
      .unreachable, "the wanted files did not arrive", remedy: "`slipway status` shows how the last fetch ended")
  }

  /// After a roll-back the old version is looked at once more before anything else is done: seconds, and not for a person
  /// to wait for by hand.
  private func waitForLook() async throws {
    for _ in 0..<60 {
      guard try StateFiles(device).journal().state == .rolledBack else { return }
      try await Task.sleep(for: .seconds(1))
    }
    throw UpdatingError(
      .deferred, "the version that was gone back to is still looked at",
      remedy: "see `slipway status`; try again when its state is idle")
  }

  /// In fetch's own words, where it left some.
  private func fetchFailed(_ error: any Error) -> any Error {
    let report = (try? Directory.open(device.layout.fetch)).flatMap { try? $0.read("result.json", limit: 65_536) }
    guard let report = report.flatMap({ try? JSON.decode(Fetch.Report.self, $0) }), !report.ok else { return error }
    return UpdatingError(
      Self.meaning(report.code), "fetch failed: \(report.message ?? "it does not say why")",
      remedy: "check the network and the proxy; `slipway status` shows how the last fetch ended")
  }

  /// What fetch's exit code says of the way to the repository.
  private static func meaning(_ code: Int32?) -> UpdatingError.Code {
    switch code {
    case ExitCode.networkOrProxy.rawValue: .proxy
    case ExitCode.untrusted.rawValue: .untrusted
    default: .unreachable
    }
  }

  private func answer(_ outcome: Apply.Outcome) throws -> Answer {
    let waiting = try StateFiles(device).state()?.waitingFor ?? []
    switch outcome {
    case .nothingToDo: return Answer(result: .upToDate, version: try current(), waitingFor: [])
    case .proving(let version): return Answer(result: .proving, version: version, waitingFor: [])
    case .switched(let version): return Answer(result: .switched, version: version, waitingFor: [])
    case .wanted(let version): return Answer(result: .waiting, version: version, waitingFor: waiting)
    case .waiting: return Answer(result: .waiting, version: waiting.first?.version, waitingFor: waiting)
    }
  }

  /// Looks without changing anything: a poll into a folder of its own, verified in memory.
  public func look(from bundle: FilePath?) async throws -> Answer {
    try device.requireConfiguration()
    let source: any BundleSource
    if let bundle {
      source = try Self.open(bundle)
    } else {
      let result = try await device.services.run(
        TransientJob(
          command: device.command(.current, ["fetch", "--qualify"]), user: device.layout.fetchUser,
          sandbox: .fetch(device.paths).adding("ReadWritePaths", device.paths.state.appending("fetch").string),
          timeLimit: Qualification.limit))
      guard result.isSuccess else {
        throw UpdatingError(
          Self.meaning(result.status), "fetch failed: \(String(decoding: result.output.suffix(500), as: UTF8.self))",
          remedy: "check the network and the proxy")
      }
      source = FolderBundle(flat: try Directory.open(device.layout.fetch).directory(Qualification.folder))
    }
    var door = try device.door(source, store: try device.trustedCopy(), freshness: freshness(bundle))
    if bundle == nil {
      try await door.refresh()
    } else {
      guard try await isNews(&door, source) else { return try nothingNew() }
    }
    let made = try await choose(&door, offline: bundle != nil)
    if let target = made.target { return Answer(result: .available, version: target.version, waitingFor: []) }
    return Answer(
      result: made.waitingFor.isEmpty ? .upToDate : .waiting, version: try current(), waitingFor: made.waitingFor)
  }

  /// From a bundle that a person with root rights brings.
  public func apply(from bundle: FilePath) async throws -> Answer {
    do { return try await bring(bundle) } catch {
      let failure = Failure(error)
      // A refused updater is on record already, as known-bad.
      if (error as? UpdatingError)?.code != .updaterBroken, failure.code != .locked {
        device.history.note(Event.failure(failure.code.rawValue, failure.message))
      }
      throw error
    }
  }

  private func bring(_ bundle: FilePath) async throws -> Answer {
    try await waitForLook()
    let source = try Self.open(bundle)
    // In memory first: what is made for another product, or brings nothing, moves nothing that is known here.
    var trial = try device.door(source, store: try device.trustedCopy(), freshness: freshness(bundle))
    guard try await isNews(&trial, source) else { return try nothingNew() }
    let brought = try await trial.bundledVersion()
    let lock = try device.lock(patience: 120)
    defer { _ = lock }
    let journal = try await Recovery(device).resume(atBoot: false)
    if journal.state == .proving || journal.state == .rolledBack {
      if journal.state == .proving, journal.to == brought.description {
        return Answer(result: .proving, version: brought, waitingFor: [])
      }
      throw UpdatingError(
        .deferred, "\(journal.to ?? "a version") is on probation here",
        remedy: "wait until it is kept or rolled back (`slipway status`), then bring the bundle again")
    }
    try device.requireConfiguration()
    var door = try device.door(
      source, store: TrustedStore(device.layout), freshness: freshness(bundle))
    guard try await isNews(&door, source) else { return try nothingNew() }
    let made = try await choose(&door, offline: true)
    let bundled = try await door.bundledVersion()
    guard let target = made.target else {
      let forbidden: Set<WaitingFor.Reason> = [.halted, .blocked, .knownBad]
      if let wait = made.waitingFor.first(where: { forbidden.contains($0.reason) }) {
        throw UpdatingError(
          .refused, "\(bundled) is \(wait.reason.rawValue): \(wait.detail ?? "")",
          remedy: "get a newer release from the publisher; nothing here was changed")
      }
      return Answer(
        result: made.waitingFor.isEmpty ? .upToDate : .waiting, version: try current(), waitingFor: made.waitingFor)
    }
    let release = try door.release(target)
    let waiting = Waiting(device, try Change(device))
    let now = Timestamp(seconds: device.time)
    let staged = DeviceState.Staged(
      version: target.version, tree: target.tree.sha256.hex, readySince: now, waitingSince: now)
    // Nobody brings a bundle again in the background: what stands against the switch is said before anything is done.
    let reasons = try await waiting.reasons(staged, critical: made.critical, request: request)
    guard reasons.isEmpty else {
      return Answer(result: .waiting, version: target.version, waitingFor: made.waitingFor + reasons)
    }
    try await waiting.change.prepare(release, through: door)
    try await waiting.change.begin(staged)
    try await waiting.end()
    try Want(device).write(door, targets: [], policy: made.policy, decided: false)
    return Answer(result: .switched, version: target.version, waitingFor: [])
  }

  /// False for a bundle that is older than what is known here and brings nothing newer than what runs: somebody's old
  /// stick, and no attack. What an older one might bring besides is refused.
  private func isNews(_ door: inout Door, _ source: any BundleSource) async throws -> Bool {
    do {
      try await refresh(&door)
      return true
    } catch let error as TUFError where error.code == .rollback {
      if try await isOutdated(source) { return false }
      throw UpdatingError(
        .untrusted, "the bundle was made before what this device knows already (\(error))",
        remedy: "have it made again from the repository as it is now; nothing here was changed")
    }
  }

  /// Held against the trusted root alone, in memory: who signed counts, what was learnt since does not.
  private func isOutdated(_ source: any BundleSource) async throws -> Bool {
    guard let root = try device.trustedCopy().load("root"), let installed = try current() else { return false }
    let freshness = FreshnessPolicy.offline(
      maximumAge: Self.maximumAge, waivedRoles: [device.layout.product.rolloutRole])
    var door = try device.door(source, store: MemoryStore(["root": root]), freshness: freshness)
    guard (try? await door.refresh()) != nil, let bundled = try? await door.bundledVersion() else { return false }
    return bundled <= installed
  }

  private func nothingNew() throws -> Answer { Answer(result: .upToDate, version: try current(), waitingFor: []) }

  /// A bundle without this product's metadata was made for another one, which is no sign of an attack.
  private func refresh(_ door: inout Door) async throws {
    do {
      try await door.refresh()
    } catch let error as TUFError where error.code == .missing && error.role == device.layout.product.role {
      throw UpdatingError(
        .wrongProduct, "the bundle brings nothing of \(device.layout.product)",
        remedy: "get the bundle that is made for this product")
    }
  }

  private func choose(_ door: inout Door, offline: Bool) async throws -> Choice.Made {
    let version = offline ? try await door.bundledVersion() : nil
    return try await Choice(device, request: request).make(
      &door, files: try StateFiles(device), store: try VersionStore(device.layout), bundle: version)
  }

  private func freshness(_ bundle: FilePath?) -> FreshnessPolicy {
    bundle == nil
      ? .strict : .offline(maximumAge: Self.maximumAge, waivedRoles: [device.layout.product.rolloutRole])
  }

  private func current() throws -> SemanticVersion? { try VersionStore(device.layout).version(.current) }

  /// A bundle that a person names, file or folder.
  public static func open(_ path: FilePath) throws -> any BundleSource {
    let parent = try Directory.open(path.removingLastComponent())
    guard let name = path.lastComponent?.string, let status = try parent.status(name) else {
      throw Failure(
        .malformedInput, name: "bundle", "\(path): there is no such bundle", remedy: "name a bundle file or folder")
    }
    return status.kind == .directory ? try FolderBundle(path) : try FileBundle(path)
  }
}
