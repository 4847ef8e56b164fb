extension Client {
  /// Sections 5.6.1 to 5.6.6.
  func updateTargets(_ set: inout TrustedSet) async throws {
    set.targets = try await targets("targets", by: try set.root.metadata.authority(of: .targets), set)
  }

  /// Section 5.6.7: a delegated role goes through the same checks as top-level targets.
  func delegatedTargets(_ delegation: Delegation, _ set: TrustedSet) async throws -> Trusted<Targets> {
    try await targets(delegation.name, by: delegation.authority, set)
  }

  private func targets(_ role: String, by authority: Authority, _ set: TrustedSet) async throws -> Trusted<Targets> {
    guard let snapshot = set.snapshot else { throw TUFError(.missing, role: "snapshot", "not loaded") }
    let meta = try snapshot.metadata.meta(of: role)
    if let bytes = try store.load(role), (try? meta.check(bytes, role: role)) != nil,
      let old = try? Trusted<Targets>(verifying: bytes, as: role, by: authority), old.version == meta.version
    {
      try checkExpiry(old.metadata.header, role: role, timestampExpires: set.timestamp?.expires)
      return old
    }
    // 5.6.1 and 5.6.2
    let bytes = try await fetch(role, meta, limit: limits.targets, set.root.metadata)
    // 5.6.3
    let new = try Trusted<Targets>(verifying: bytes, as: role, by: authority)
    // 5.6.4
    try Self.checkVersion(new.version, meta, role: role)
    // 5.6.5
    try checkExpiry(new.metadata.header, role: role, timestampExpires: set.timestamp?.expires)
    // 5.6.6
    try store.store(role, bytes)
    return new
  }
}
