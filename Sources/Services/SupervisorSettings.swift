import Product

/// How `slipway run` supervises one product.
public struct SupervisorSettings: Sendable {
  public var paths: UnitPaths
  /// Reads the manifest of the current tree; called at the start and at each reload.
  public var manifest: @Sendable () throws -> ProductManifest
  /// Seconds from the start to the first poll.
  public var firstFetch: Double = 10
  /// Seconds between polls; nil: as the manifest says.
  public var fetchInterval: Double?
  /// Seconds between two looks at a version on probation.
  public var proveInterval: Double = 10
  /// Seconds from the start to the first look, when a version is on probation at the start.
  public var firstProve: Double = 30
  /// Seconds between two looks whether a staged version may be switched to.
  public var waitInterval: Double = 60
  /// Seconds between two polls that the agent asks for.
  public var requestInterval: Double = 120
  /// Seconds that the updater's processes have between SIGTERM and SIGKILL.
  public var stopLimit: Double = 10
  /// Where the processes' standard output and standard error go.
  public var output: Int32 = 2
  /// Whether SIGTERM and SIGINT stop the supervisor. They are the process's, so only one supervisor may have them.
  public var handlesSignals = true
  /// Told what happens, one sentence at a time.
  public var log: @Sendable (String) -> Void

  public init(
    _ paths: UnitPaths, log: @escaping @Sendable (String) -> Void = { _ in },
    manifest: @escaping @Sendable () throws -> ProductManifest
  ) {
    self.paths = paths
    self.log = log
    self.manifest = manifest
  }
}
