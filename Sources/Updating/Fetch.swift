import Bundles
import Cryptography
import Glibc
import Installation
import Logging
import Posix
import Product
import Proxies
import Services
import SystemPackage
import TUF
import Transport

/// The part that talks to the network, as a user that may write nothing but its own folder. It brings what it is told
/// to bring and decides nothing; whatever it brings is verified by apply.
public struct Fetch: Sendable {
  /// How a poll ended; written to `fetch/result.json`, which is fetch's own word and no more than that.
  public struct Report: Codable, Sendable, Equatable {
    public var schema = "slipway.fetch/1"
    public var at: String
    public var ok: Bool
    public var code: Int32?
    public var message: String?

    init(at: String, ok: Bool) { (self.at, self.ok) = (at, ok) }

    init(_ failure: Failure, at seconds: Int64) {
      self.init(at: Timestamp(seconds: seconds).description, ok: false)
      (code, message) = (failure.code.rawValue, failure.message)
    }
  }

  let layout: Layout
  private(set) var repository: RepositoryLocations
  /// Whether no admin has said where to look, so that the product's policy may.
  let followsMoves: Bool
  let bandwidth: Int64?
  let downloader: Downloader
  /// As in ``Device/configurationDigest``.
  let configurationDigest: String
  let clock: Device.Clock
  let log: Logger

  public init(
    layout: Layout, repository: RepositoryLocations, followsMoves: Bool = false, bandwidth: Int64?,
    downloader: Downloader,
    configurationDigest: String = "", clock: Device.Clock, log: Logger
  ) {
    self.layout = layout
    self.repository = repository
    self.followsMoves = followsMoves
    self.bandwidth = bandwidth
    self.downloader = downloader
    self.configurationDigest = configurationDigest
    self.clock = clock
    self.log = log
  }

  /// One poll. With `qualify` everything goes into a folder of its own, whole and from the start, and no flag is raised.
  public func run(qualify: Bool) async throws {
    let folder = try Directory.open(layout.fetch)
    if qualify {
      try folder.removeTree(Qualification.folder)
      let into = try folder.makeDirectory(Qualification.folder, mode: 0o770)
      let wanted = try wanted()
      _ = try await Poll(moved(wanted), into: into).metadata(since: wanted, all: true)
      return
    }
    try clear(folder)
    guard let lock = try FileLock.take("lock", in: folder) else {
      throw InstallationError(
        .locked, "another fetch of \(layout.product) is running", remedy: "wait for it to end")
    }
    defer { _ = lock }
    let pause = Pause(folder: folder, now: clock.wall())
    if let end = try pause.end() {
      throw UpdatingError(
        .deferred, "the repository has asked to be left alone until \(end)",
        remedy: "wait, or run `slipway update`, which asks all the same")
    }
    do {
      try await poll(folder)
      pause.lift()
      try report(folder, Report(at: Timestamp(seconds: clock.wall()).description, ok: true))
    } catch {
      try? pause.note(error)
      try? report(folder, Report(Failure(error), at: clock.wall()))
      throw error
    }
  }

  /// Leaves word of a poll that could not even begin.
  public static func note(_ error: any Error, _ device: Device) {
    guard let folder = try? Directory.open(device.layout.fetch),
      let report = try? JSON.encode(Report(Failure(error), at: device.clock.wall()))
    else { return }
    try? DurableFile.write(report, "result.json", in: folder, mode: 0o644)
  }

  /// What somebody who got into fetch once has left must not keep it from working: what is not of its kind goes, and a
  /// lock of another user's, which would not open. What else is there, apply or boot clears away.
  private func clear(_ folder: Directory) throws {
    let kinds: [(String, FileStatus.Kind)] = [
      ("lock", .file), ("ready", .file), ("result.json", .file), ("partial", .directory), ("outgoing", .directory),
      (Pause.name, .file), (".\(Pause.name).new", .file),
      (".ready.new", .file), (".result.json.new", .file), (ProxyChooser.keptScript, .file),
      (".\(ProxyChooser.keptScript).new", .file),
    ]
    for (name, kind) in kinds {
      guard let there = try folder.status(name) else { continue }
      if there.kind != kind || name == "lock" && there.user != geteuid() { try folder.removeTree(name) }
    }
  }

  private func poll(_ folder: Directory) async throws {
    // What apply has not claimed yet stays as it is.
    if try folder.status("ready") != nil { return }
    let wanted = try wanted()
    try folder.removeTree("outgoing")
    let into = try folder.makeDirectory("outgoing", mode: 0o770)
    let poll = Poll(moved(wanted), into: into)
    let isNews = try await poll.metadata(since: wanted, all: false)
    if isNews { log.info("the repository has news") }
    // Decided by other wishes, or for a time that is over now.
    let isStale =
      !configurationDigest.isEmpty && wanted.configuration.map { $0 != configurationDigest } ?? false
      || wanted.again.map { $0.seconds <= clock.wall() } ?? false
    // A version waits for its switch: after a boot nobody looks after it before it is known not to be halted.
    let state = try Directory.open(layout.state)
    let waits = try state.status(UnitPaths.waitingFlag) != nil
    let changed = try isNews || isStale || waits || Wanted.isOld(state.status("wanted.json"))
    let partial = try folder.makeDirectory("partial", mode: 0o770)
    var complete = false
    var failure: (any Error)?
    if !wanted.targets.isEmpty {
      do {
        try await poll.targets(wanted.targets, partial: partial)
        complete = true
      } catch { failure = error }
    }
    if changed || complete {
      try into.synchronizeFileSystem()
      try DurableFile.write([], "ready", in: folder, mode: 0o660)
    } else {
      try folder.removeTree("outgoing")
    }
    if wanted.targets.isEmpty { try folder.removeTree("partial") }
    if let failure { throw failure }
  }

  /// Where the repository has moved to comes first; the old address goes on for those who come back late.
  private func moved(_ wanted: Wanted) -> Fetch {
    guard followsMoves, let there = wanted.movedTo else { return self }
    var moved = self
    moved.repository = RepositoryLocations(
      metadata: there.metadata + repository.metadata, targets: there.targets + repository.targets)
    return moved
  }

  private func wanted() throws -> Wanted {
    let state = try Directory.open(layout.state)
    guard let bytes = try state.read("wanted.json", limit: Wanted.limit) else {
      throw InstallationError(
        .notInstalled, "\(layout.state)/wanted.json is missing: nothing has told fetch what to bring",
        remedy: "run `slipway apply` once, or install \(layout.product) again")
    }
    return try StoredJSON.decode(
      Wanted.self, bytes, file: "\(layout.state)/wanted.json", remedy: "run `slipway apply`, which writes it")
  }

  private func report(_ folder: Directory, _ report: Report) throws {
    try DurableFile.write(try JSON.encode(report), "result.json", in: folder, mode: 0o644)
  }
}
