extension Client {
  /// Section 5.5.
  func updateSnapshot(_ set: inout TrustedSet) async throws {
    guard let timestamp = set.timestamp else { throw TUFError(.missing, role: "timestamp", "not loaded") }
    let meta = timestamp.metadata.snapshot
    let authority = try set.root.metadata.authority(of: .snapshot)
    let old = try stored("snapshot", Snapshot.self, authority)
    // The stored file is used again when it is the one that the timestamp names.
    if let old, old.version == meta.version, let bytes = try store.load("snapshot"),
      (try? meta.check(bytes, role: "snapshot")) != nil
    {
      try checkExpiry(old.metadata.header, role: "snapshot", timestampExpires: timestamp.expires)
      set.snapshot = old
      return
    }
    // 5.5.1 and 5.5.2
    let bytes = try await fetch("snapshot", meta, limit: limits.snapshot, set.root.metadata)
    // 5.5.3
    let new = try Trusted<Snapshot>(verifying: bytes, as: "snapshot", by: authority)
    // 5.5.4
    try Self.checkVersion(new.version, meta, role: "snapshot")
    // 5.5.5
    if let old { try Self.checkRollback(from: old.metadata, to: new.metadata) }
    // 5.5.6
    try checkExpiry(new.metadata.header, role: "snapshot", timestampExpires: timestamp.expires)
    // 5.5.7
    try store.store("snapshot", bytes)
    set.snapshot = new
  }

  /// Section 5.5.5: no listed file goes back or away.
  private static func checkRollback(from old: Snapshot, to new: Snapshot) throws(TUFError) {
    for (name, before) in old.meta {
      guard let after = new.meta.value(of: name) else {
        throw TUFError(.rollback, role: "snapshot", have: before.version, "\(name) is no longer listed")
      }
      guard after.version >= before.version else {
        throw TUFError(
          .rollback, role: "snapshot", have: before.version, got: after.version,
          "\(name) version \(after.version) after \(before.version)")
      }
    }
  }

  static func checkVersion(_ version: Int, _ meta: FileMeta, role: String) throws(TUFError) {
    guard version == meta.version else {
      throw TUFError(
        .wrongVersion, role: role, have: meta.version, got: version,
        "version \(version) where \(meta.version) is listed")
    }
  }

  /// The file that `meta` describes, its length and hashes checked.
  func fetch(_ role: String, _ meta: FileMeta, limit: Int, _ root: Root) async throws -> [UInt8] {
    let name = (root.consistentSnapshot ? "\(meta.version)." : "") + RoleName.fileName(role)
    let found: [UInt8]?
    do {
      found = try await fetch(name, role: role, limit: min(limit, meta.length ?? limit))
    } catch let error as TUFError where error.code == .tooLong && meta.length.map({ $0 < limit }) == true {
      throw TUFError(.lengthOrHash, role: role, error.detail)
    }
    guard let bytes = found else { throw TUFError(.missing, role: role, "the source has no \(name)") }
    try meta.check(bytes, role: role)
    return bytes
  }
}
