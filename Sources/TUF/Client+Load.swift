extension Client {
  /// Verifies again what is stored, without a source and whatever its expiry: for a self-test, for `status`, for
  /// repairing what was installed when it was fresh.
  ///
  /// Throws only for root: `missing`, or why it does not verify. Any other file that does not verify is left out and
  /// listed in `unverified`: after a change of keys, and after an interrupted update, that is not a fault.
  public static func load(from store: any MetadataStore) throws -> TrustedSet {
    guard let bytes = try store.load("root") else {
      throw TUFError(.missing, role: "root", "the store holds no trusted root")
    }
    var set = TrustedSet(root: try Trusted(initial: bytes))
    let root = set.root.metadata
    var unverified: [String: TUFError] = [:]
    func verified<Role: RoleMetadata>(
      _ role: String, _: Role.Type, _ authority: Authority, _ meta: FileMeta?
    ) throws -> Trusted<Role>? {
      guard let bytes = try store.load(role) else { return nil }
      do throws(TUFError) {
        let trusted = try Trusted<Role>(verifying: bytes, as: role, by: authority)
        // A newer referrer is what an interrupted update leaves; the same version must be the same file.
        if let meta, meta.version == trusted.version { try meta.check(bytes, role: role) }
        return trusted
      } catch {
        unverified[role] = error
        return nil
      }
    }
    set.timestamp = try verified("timestamp", Timestamp.self, try root.authority(of: .timestamp), nil)
    set.snapshot = try verified(
      "snapshot", Snapshot.self, try root.authority(of: .snapshot), set.timestamp?.metadata.snapshot)
    let snapshot = set.snapshot?.metadata
    set.targets = try verified(
      "targets", Targets.self, try root.authority(of: .targets), snapshot?.meta["targets.json"])
    func delegations(of targets: Trusted<Targets>?) -> [Delegation] {
      guard let delegations = targets?.metadata.delegations else { return [] }
      return snapshot.map { delegations.listed(in: $0) } ?? delegations.roles
    }
    var pending = delegations(of: set.targets)
    while !pending.isEmpty {
      let delegation = pending.removeFirst()
      let role = delegation.name
      // Once it is loaded cycles end; until then another delegation, with other keys, may be the one it is signed for.
      guard set.delegated.value(of: role) == nil else { continue }
      let meta = snapshot?.meta.value(of: role + ".json")
      guard let targets = try verified(role, Targets.self, delegation.authority, meta) else { continue }
      set.delegated[role] = targets
      unverified[role] = nil
      pending += delegations(of: targets)
    }
    set.unverified = unverified
    return set
  }

  /// When the timestamp that `store` trusts was signed, in seconds since 1970, if it is there, verifies and says so.
  public static func issued(in store: any MetadataStore) throws -> Int64? {
    guard let root = try store.load("root"), let timestamp = try store.load("timestamp") else { return nil }
    let authority = try Trusted<Root>(initial: root).metadata.authority(of: .timestamp)
    return try Trusted<Timestamp>(verifying: timestamp, as: "timestamp", by: authority).metadata.issued
  }

  /// Section 5.2: checks that `root` is signed by its own threshold and makes it the trusted one of an empty store.
  /// Throws `edit` when the store has a root already, which is changed by `refresh` only, and `busy` while another client
  /// is at work on it.
  public static func initialize(_ store: any MetadataStore, root: [UInt8]) throws {
    guard let lock = try store.lock() else { throw busy }
    defer { withExtendedLifetime(lock) {} }
    try store.removeUnfinished()
    guard try store.load("root") == nil else { throw TUFError(.edit, role: "root", "the store has a trusted root") }
    _ = try Trusted<Root>(initial: root)
    try store.store("root", root)
  }
}

extension TrustedSet {
  /// A root on its own, verified against itself: its version, keys and expiry, for showing before anything is trusted.
  public init(root bytes: [UInt8]) throws(TUFError) { self.init(root: try Trusted(initial: bytes)) }

  /// Searches the roles that are loaded; nil when none of them signs `path` or the search needs one that is not loaded.
  public func target(_ path: String) -> TargetInfo? {
    guard case .found(let target) = search(path, limit: Limits.standard.delegations) else { return nil }
    return target
  }
}
