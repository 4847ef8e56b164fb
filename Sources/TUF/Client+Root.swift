extension Client {
  /// Section 5.3.
  func updateRoot(_ set: inout TrustedSet) async throws {
    for _ in 0..<limits.rootRotations {
      // 5.3.3: version N+1, until there is none.
      let name = "\(set.root.version + 1).root.json"
      guard let bytes = try await fetch(name, role: "root", limit: limits.root) else { break }
      // 5.3.4 and 5.3.5; 5.3.6: an intermediate root's expiry does not matter.
      let next = try set.root.successor(bytes)
      // 5.3.11: recover from fast-forward attacks. Keys were rotated when one was taken away; who was merely given one
      // more has nothing to recover from, and what is stored is verified against the new keys anyway. The files go before
      // the root is written: cut off in between, the next run comes here again, where the other order would never forget
      // the attacker's versions.
      if try Self.revokesKeys(of: [.timestamp, .snapshot], from: set.root.metadata, to: next.metadata) {
        try store.remove("timestamp")
        try store.remove("snapshot")
      }
      // 5.3.7 and 5.3.8.
      try store.store("root", bytes)
      set.root = next
    }
    // 5.3.10: only the last root must be unexpired; nothing ever waives it.
    try checkExpiry(set.root.metadata.header, role: "root", timestampExpires: nil)
  }

  /// Whether a key that could sign one of `roles` no longer may.
  private static func revokesKeys(of roles: [TopLevelRole], from old: Root, to new: Root) throws(TUFError) -> Bool {
    for role in roles {
      let before = Set(try old.authority(of: role).keys.values)
      if !before.isSubset(of: Set(try new.authority(of: role).keys.values)) { return true }
    }
    return false
  }
}
