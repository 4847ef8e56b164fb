/// The detailed client workflow (specification, section 5), with everything bounded and nothing persisted before all its
/// checks have passed.
///
/// The store must hold a trusted root before `refresh`. One client makes one run: time is read once, by the caller
/// (section 5.1), who should pass the highest of the wall clock, the program's build time and the stored timestamp's
/// `issued`. All methods throw `TUFError`, or what the source and the store throw.
public struct Client: Sendable {
  let source: any MetadataSource
  let store: any MetadataStore
  let now: Int64
  let freshness: FreshnessPolicy
  let limits: Limits
  /// When the present call has taken too long.
  private var deadline = ContinuousClock.now
  /// What is trusted so far; nil before `refresh` has loaded root.
  public internal(set) var trusted: TrustedSet?

  /// `now` is in seconds since 1970.
  public init(
    source: any MetadataSource, store: any MetadataStore, now: Int64, freshness: FreshnessPolicy = .strict,
    limits: Limits = .standard
  ) {
    self.source = source
    self.store = store
    self.now = now
    self.freshness = freshness
    self.limits = limits
  }

  /// Brings the four top-level roles up to date (sections 5.2 to 5.6.6) and returns them.
  @discardableResult
  public mutating func refresh() async throws -> TrustedSet {
    let lock = try await begin()
    defer { withExtendedLifetime(lock) {} }
    return try await update()
  }

  private mutating func update() async throws -> TrustedSet {
    trusted = nil
    // 5.2: load the trusted root; its expiry does not matter yet.
    guard let bytes = try store.load("root") else {
      throw TUFError(.missing, role: "root", "the store holds no trusted root")
    }
    var set = TrustedSet(root: try Trusted(initial: bytes))
    try await updateRoot(&set)
    trusted = set
    try await updateTimestamp(&set)
    trusted = set
    try await updateSnapshot(&set)
    trusted = set
    try await updateTargets(&set)
    trusted = set
    return set
  }

  /// Section 5.6.7: the target `path`, loading delegated roles as the search reaches them; nil when no trusted role
  /// signs it. Refreshes first if that has not been done.
  public mutating func target(_ path: String) async throws -> TargetInfo? {
    let lock = try await begin()
    defer { withExtendedLifetime(lock) {} }
    var set = try await current()
    while true {
      switch set.search(path, limit: limits.delegations) {
      case .found(let target): return target
      case .absent: return nil
      case .needs(let delegation):
        set.delegated[delegation.name] = try await delegatedTargets(delegation, set)
        trusted = set
      }
    }
  }

  /// All targets that `role` signs: "targets", or a role that top-level targets delegates to, of which only what the
  /// delegation covers counts. Throws `unknownRole` for any other.
  public mutating func targets(signedBy role: String) async throws -> [TargetInfo] {
    let lock = try await begin()
    defer { withExtendedLifetime(lock) {} }
    var set = try await current()
    if let delegation = set.delegation(to: role), set.loaded(delegation) == nil {
      set.delegated[role] = try await delegatedTargets(delegation, set)
      trusted = set
    }
    guard let targets = set.targets(signedBy: role) else {
      throw TUFError(.unknownRole, role: role, "top-level targets does not delegate to it")
    }
    return targets
  }

  private mutating func current() async throws -> TrustedSet {
    if let trusted, trusted.targets != nil { return trusted }
    return try await update()
  }

  /// Starts the clock of a call, and waits while another client is at work on the store.
  private mutating func begin() async throws -> StoreLock {
    deadline = .now + limits.time
    while true {
      if let lock = try store.lock() { return lock }
      guard ContinuousClock.now < deadline else { throw Self.busy }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  static var busy: TUFError { TUFError(.busy, "another client is at work on the same metadata; try again later") }

  /// A file of the source, nil for none, `tooLong` or `overdue`, whatever the source does.
  func fetch(_ name: String, role: String, limit: Int) async throws -> [UInt8]? {
    do {
      let fetched = try await Self.before(deadline, name) { [source] in
        try await source.metadata(named: name, maximumLength: limit)
      }
      guard let bytes = fetched else { return nil }
      guard bytes.count <= limit else { throw TUFError(.tooLong, "\(name): more than \(limit) bytes") }
      return bytes
    } catch let error as TUFError {
      throw error.about(role)
    }
  }

  private static func before(
    _ deadline: ContinuousClock.Instant, _ name: String, _ body: @escaping @Sendable () async throws -> [UInt8]?
  ) async throws -> [UInt8]? {
    try await withThrowingTaskGroup(of: [UInt8]?.self) { group in
      group.addTask(operation: body)
      group.addTask {
        try await Task.sleep(until: deadline, clock: .continuous)
        throw TUFError(.overdue, "\(name): not there within the time that an update may take")
      }
      defer { group.cancelAll() }
      return try await group.next() ?? nil
    }
  }

  func checkExpiry(_ header: Header, role: String, timestampExpires: Int64?) throws(TUFError) {
    try freshness.check(header, role: role, now: now, timestampExpires: timestampExpires)
  }
}
