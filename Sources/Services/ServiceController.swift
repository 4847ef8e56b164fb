/// Whoever starts and stops processes on this host: systemd, or `slipway run`.
///
/// Names are those of unit files. Errors are `ServicesError`: `noSuchUnit`, `refused` (permission), `unreachable`,
/// `timedOut`, `failed` (the unit failed, or met its start limit: then it stays failed until `resetFailed`).
public protocol ServiceController: Sendable {
  /// Reads the unit files again.
  func reload() async throws
  /// With `noBlock` the call returns once the request is accepted; otherwise when the units are up, or have run.
  func start(_ units: [String], noBlock: Bool) async throws
  func stop(_ units: [String], noBlock: Bool) async throws
  func restart(_ units: [String], noBlock: Bool) async throws
  func enable(_ units: [String]) async throws
  func disable(_ units: [String]) async throws
  /// Forgets failures and the start limit's count.
  func resetFailed(_ units: [String]) async throws
  func status(_ unit: String) async throws -> UnitStatus
  /// Runs one command to its end. A command that fails or is killed is a result, not an error.
  func run(_ job: TransientJob) async throws -> JobResult
}

extension ServiceController {
  public func start(_ units: [String]) async throws { try await start(units, noBlock: false) }
  public func stop(_ units: [String]) async throws { try await stop(units, noBlock: false) }
  public func restart(_ units: [String]) async throws { try await restart(units, noBlock: false) }
}
