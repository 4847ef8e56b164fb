import Posix

/// Where a change of version stands. Written durably *before* the work that a state announces begins, so that whoever
/// comes next (a boot, a timer, a command) can finish or undo it. The schema is frozen: the old version must be able to
/// read what the new one wrote, and a state that it does not know means "roll back".
public struct Journal: Codable, Sendable, Equatable {
  public enum State: String, Codable, Sendable, CaseIterable {
    case idle, verified, staged, switching, proving, committed, rollingBack, rolledBack
  }

  public var schema = "slipway.journal/1"
  /// As written; see ``state``.
  public private(set) var recordedState: String
  /// The version that ran before; nil at a first installation.
  public var from: String?
  /// The version that is to run; nil while idle.
  public var to: String?
  /// SHA-256 (hexadecimal) of the new version's tree manifest: what becomes known-bad.
  public var tree: String?
  /// Why it is being rolled back, in words.
  public var reason: String?
  /// Whether the version left is to be known-bad (a failure), or merely left (asked for by hand).
  public var condemn: Bool?
  /// Whether the old version's probe passed just before the switch; nil when it was not asked.
  public var oldPassed: Bool?
  public var probation: Probation?

  private enum CodingKeys: String, CodingKey {
    case schema
    case recordedState = "state"
    case from, to, tree, reason, condemn, oldPassed, probation
  }

  public init(_ state: State, from: String? = nil, to: String? = nil, tree: String? = nil) {
    recordedState = state.rawValue
    self.from = from
    self.to = to
    self.tree = tree
  }

  public static let idle = Journal(.idle)

  /// Nil for a state that this version does not know.
  public var state: State? { State(rawValue: recordedState) }

  public func moved(to state: State) -> Journal {
    var next = self
    next.recordedState = state.rawValue
    return next
  }

  /// Versions that a change under way needs; nothing may collect them.
  public var inFlight: Set<String> { Set([from, to].compactMap { $0 }) }
}
