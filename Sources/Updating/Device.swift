import Bundles
import Cryptography
import Installation
import Logging
import Posix
import Product
import Services
import SystemPackage
import TUF

/// One product on one device, as the updater's processes see it: where things lie, what the admin wishes, who runs the
/// services, and the clocks. The executables build it; nothing below reads the environment.
public struct Device: Sendable {
  public var layout: Layout
  public var platform: Platform
  /// The admin's wishes (`config.toml`, `config.d`).
  public var configuration: Configuration
  /// SHA-256 (hexadecimal) of the files that hold them: another one means that everything is decided anew.
  public var configurationDigest = ""
  /// Why the admin's wishes could not be read. A device without them decides nothing new, and goes on with what was begun.
  public var configurationFault: Failure?
  public var services: any ServiceController
  public var clock: Clock
  public var log: Logger
  /// Whether this process is root and may give files to others.
  public var isRoot: Bool
  /// Who has it done, for the history.
  public var actor = Actor.slipway

  /// Told how far a step is, for whoever watches: its title, bytes done, and bytes in all.
  public var progress: (@Sendable (String, Int64, Int64) -> Void)?

  /// Clocks, injected so that decisions can be tested.
  public struct Clock: Sendable {
    /// Seconds since the epoch, never before the time this updater was built.
    public var wall: @Sendable () -> Int64
    /// Nanoseconds since boot.
    public var monotonic: @Sendable () -> Int64
    public var bootID: @Sendable () -> String
    /// Seconds that local time is ahead of UTC at a moment.
    public var localOffset: @Sendable (Int64) -> Int64 = HostClock.localOffset(at:)

    public init(
      wall: @escaping @Sendable () -> Int64, monotonic: @escaping @Sendable () -> Int64,
      bootID: @escaping @Sendable () -> String
    ) {
      self.wall = wall
      self.monotonic = monotonic
      self.bootID = bootID
    }

    public static let host = Clock(
      wall: { max(HostClock.wallSeconds(), Build.earliest) }, monotonic: HostClock.monotonicNanoseconds,
      bootID: { HostClock.bootID() ?? "unknown" })
  }

  public init(
    layout: Layout, platform: Platform, configuration: Configuration, configurationFault: Failure? = nil,
    services: any ServiceController, clock: Clock, log: Logger, isRoot: Bool
  ) {
    self.layout = layout
    self.platform = platform
    self.configuration = configuration
    self.configurationFault = configurationFault
    self.services = services
    self.clock = clock
    self.log = log
    self.isRoot = isRoot
  }

  /// For whoever decides something: throws where the admin's wishes are not known.
  public func requireConfiguration() throws {
    if let configurationFault { throw configurationFault }
  }

  /// Seconds since the epoch by which everything is judged: the wall clock, but never before this updater was built or the
  /// newest trusted timestamp was signed. Not kept: a clock that once said 2040 must not make everything expire.
  var time: Int64 {
    let issued = try? Client.issued(in: DirectoryStore(path: layout.trustedMetadata.string))
    return max(clock.wall(), issued ?? 0)
  }

  var now: String { Timestamp(seconds: time).description }

  /// Where the units say that things lie.
  var paths: UnitPaths { UnitPaths(layout.product, root: layout.root) }

  /// The updater's command line for a job that the service controller runs.
  func command(_ link: VersionStore.Link, _ arguments: [String]) -> [String] {
    let executable = paths.opt.appending(link.rawValue).appending("slipway/bin/slipway").string
    let root = layout.isHost ? [] : ["--root", layout.root.string]
    return [executable] + arguments + ["--product", "\(layout.product)"] + root
  }

  /// The compiled manifest of an installed version.
  func manifest(of version: SemanticVersion) throws -> ProductManifest { try Self.manifest(of: version, layout) }

  static func manifest(of version: SemanticVersion, _ layout: Layout) throws -> ProductManifest {
    let trees = try Directory.open(layout.trees)
    let name = "app-\(version).product.json"
    guard let bytes = try trees.read(name, limit: Release.manifestLimit) else {
      throw InstallationError(
        .damaged, "\(layout.trees)/\(name) is missing: the product manifest of \(version)",
        remedy: InstallationError.installAnew)
    }
    do { return try ProductManifest.parse(bytes) } catch {
      throw InstallationError(
        .damaged, "\(layout.trees)/\(name): \(error)", remedy: InstallationError.installAnew)
    }
  }

  /// The door for bytes that came from `source`.
  func door(
    _ source: any BundleSource, store: any MetadataStore, freshness: FreshnessPolicy = .strict
  ) throws -> Door {
    let state = try Directory.open(layout.state)
    let intake = try state.makeDirectory("incoming", mode: 0o700)
    let kept = try Directory.open(layout.trustedTargets)
    return Door(
      product: layout.product, platform: platform, source: source,
      client: Client(source: source, store: store, now: time, freshness: freshness), intake: Intake(intake),
      kept: kept)
  }

  /// The door for a Setup file's bundle: as fresh as a bundle must be when a person asks.
  public func installDoor(_ source: any BundleSource) throws -> Door {
    try door(
      source, store: DirectoryStore(path: layout.trustedMetadata.string),
      freshness: .offline(maximumAge: RequestedUpdate.maximumAge, waivedRoles: [layout.product.rolloutRole]))
  }

  /// A copy in memory of what is trusted, for verifying without leaving a trace.
  func trustedCopy() throws -> MemoryStore {
    let folder = try Directory.open(layout.trustedMetadata)
    let copy = MemoryStore()
    for name in try folder.names() where name.hasSuffix(".json") && !name.hasPrefix(".") {
      if let bytes = try folder.read(name, limit: 16 << 20) { copy.store(String(name.dropLast(5)), bytes) }
    }
    return copy
  }

  /// The lock of everything that changes the product; waited for up to `patience` seconds.
  func lock(patience: Double = 0) throws -> FileLock { try ChangeLock.take(layout, patience: patience) }
}
