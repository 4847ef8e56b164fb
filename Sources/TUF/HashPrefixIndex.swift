/// The delegations by path_hash_prefixes of one role, found without looking at each: there may be thousands of bins.
struct HashPrefixIndex: Sendable {
  /// Positions of delegations, by prefix.
  private var positions: [String: [Int]] = [:]
  private var lengths: Set<Int> = []

  mutating func add(_ prefixes: [String], at position: Int) {
    for prefix in prefixes {
      positions[prefix, default: []].append(position)
      lengths.insert(prefix.utf8.count)
    }
  }

  /// The positions of the delegations of which a prefix begins `path`'s hash; empty if no digest can be made.
  func positions(for path: String) -> Set<Int> {
    guard !lengths.isEmpty, let hash = PathPattern.hash(path) else { return [] }
    return Set(lengths.flatMap { positions[String(hash.prefix($0))] ?? [] })
  }
}
