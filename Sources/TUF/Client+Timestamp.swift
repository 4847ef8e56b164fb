extension Client {
  /// Section 5.4.
  func updateTimestamp(_ set: inout TrustedSet) async throws {
    let authority = try set.root.metadata.authority(of: .timestamp)
    // What was trusted before counts only while the present root's keys vouch for it.
    let old = try stored("timestamp", Timestamp.self, authority)
    // 5.4.1
    guard let bytes = try await fetch("timestamp.json", role: "timestamp", limit: limits.timestamp) else {
      throw TUFError(.missing, role: "timestamp", "the source has no timestamp.json")
    }
    // 5.4.2
    let new = try Trusted<Timestamp>(verifying: bytes, as: "timestamp", by: authority)
    // 5.4.3.1: the same version again is normal; the trusted one stays, whatever the new one says.
    if let old, new.version == old.version {
      try checkExpiry(old.metadata.header, role: "timestamp", timestampExpires: old.expires)
      set.timestamp = old
      return
    }
    if let old {
      guard new.version > old.version else {
        throw TUFError(
          .rollback, role: "timestamp", have: old.version, got: new.version,
          "version \(new.version) after \(old.version)")
      }
      // 5.4.3.2
      let (before, after) = (old.metadata.snapshot.version, new.metadata.snapshot.version)
      guard after >= before else {
        throw TUFError(
          .rollback, role: "timestamp", have: before, got: after, "names snapshot \(after) after \(before)")
      }
    }
    // 5.4.4
    try checkExpiry(new.metadata.header, role: "timestamp", timestampExpires: new.expires)
    // 5.4.5
    try store.store("timestamp", bytes)
    set.timestamp = new
  }

  /// The stored file of `role` if it is there and verifies.
  func stored<Role: RoleMetadata>(
    _ role: String, _: Role.Type, _ authority: Authority
  ) throws -> Trusted<Role>? {
    guard let bytes = try store.load(role) else { return nil }
    return try? Trusted<Role>(verifying: bytes, as: role, by: authority)
  }
}
