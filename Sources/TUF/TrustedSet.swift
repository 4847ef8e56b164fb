/// The metadata trusted at one moment, as a value to ask questions of.
public struct TrustedSet: Sendable {
  public internal(set) var root: Trusted<Root>
  public internal(set) var timestamp: Trusted<Timestamp>?
  public internal(set) var snapshot: Trusted<Snapshot>?
  public internal(set) var targets: Trusted<Targets>?
  /// The delegated roles loaded so far, by name.
  public internal(set) var delegated: [String: Trusted<Targets>] = [:]
  /// Stored files that could not be verified, as after a change of keys or an interrupted update; see `Client.load`.
  public internal(set) var unverified: [String: TUFError] = [:]

  init(root: Trusted<Root>) { self.root = root }

  /// Whether timestamp, snapshot and targets are all there and refer to each other.
  public var isComplete: Bool {
    guard let timestamp, let snapshot, let targets, unverified.isEmpty else { return false }
    return timestamp.metadata.snapshot.version == snapshot.version
      && snapshot.metadata.meta["targets.json"]?.version == targets.version
  }

  /// When the timestamp was made, in seconds since 1970, if it says so. A clock that reads earlier is wrong.
  public var issued: Int64? { timestamp?.metadata.issued }

  /// Version, expiry and all fields of a loaded role's metadata.
  public func header(of role: String) -> Header? {
    switch TopLevelRole(rawValue: role) {
    case .root: root.metadata.header
    case .timestamp: timestamp?.metadata.header
    case .snapshot: snapshot?.metadata.header
    case .targets: targets?.metadata.header
    case nil: delegated[role]?.metadata.header
    }
  }

  /// The delegation of the top-level targets role to `role`.
  public func delegation(to role: String) -> Delegation? {
    targets?.metadata.delegations?.delegation(to: role)
  }

  /// Everything that a loaded role signs and is trusted for, by path: of a role delegated by top-level targets only
  /// what its delegation covers. Nil when the role is not loaded.
  public func targets(signedBy role: String) -> [TargetInfo]? {
    let delegation = delegation(to: role)
    guard let signed = role == "targets" ? targets : delegation.flatMap({ loaded($0) }) else { return nil }
    return signed.metadata.files
      .filter { file in delegation?.covers(file.key) ?? true }
      .map { TargetInfo(path: $0.key, file: $0.value, role: role) }
      .sorted { String.precedesByBytes($0.path, $1.path) }
  }

  /// The metadata of a delegated role if it was verified for exactly this delegation's keys.
  func loaded(_ delegation: Delegation) -> Trusted<Targets>? {
    guard let signed = delegated.value(of: delegation.name), signed.authority == delegation.authority else {
      return nil
    }
    return signed
  }
}
