import Posix

/// What a proxy decision needs of the world.
public struct ProxySurroundings: Sendable {
  /// How a script's evaluator is started.
  public var launch: PACLaunch
  /// Brings a small file, without a proxy; nil where the server says that there is none.
  public var bring: @Sendable (_ url: String) async throws -> [UInt8]?
  /// Where the last good script is kept; nil: nowhere.
  public var cache: Directory?
  public var hints: @Sendable () -> NetworkHints
  public var names: PACNames
  /// Seconds since the epoch.
  public var clock: @Sendable () -> Int64
  public var log: @Sendable (String) -> Void

  public init(
    launch: PACLaunch, bring: @escaping @Sendable (String) async throws -> [UInt8]?, cache: Directory? = nil,
    hints: @escaping @Sendable () -> NetworkHints, names: PACNames = .system,
    clock: @escaping @Sendable () -> Int64, log: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.launch = launch
    self.bring = bring
    self.cache = cache
    self.hints = hints
    self.names = names
    self.clock = clock
    self.log = log
  }
}
