extension TrustedSet {
  /// Where a search for a target stands.
  enum Search {
    case found(TargetInfo)
    case absent
    /// The role's metadata has to be loaded before the search can go on.
    case needs(Delegation)
  }

  /// Section 5.6.7: pre-order depth first through the delegations, in order of appearance, each role once, at most
  /// `limit` delegated roles.
  func search(_ path: String, limit: Int) -> Search {
    guard let targets else { return .absent }
    var pending: [Delegation] = []
    var visited: Set<String> = []
    var (name, current) = ("targets", targets)
    while true {
      if let file = current.metadata.file(path) { return .found(TargetInfo(path: path, file: file, role: name)) }
      // 5.6.7.2: in order of appearance.
      let children = current.metadata.delegations?.covering(path) ?? []
      // 5.6.7.2.1: after a terminating delegation nothing counts, here or further up.
      if children.last?.isTerminating == true { pending = [] }
      pending += children.reversed()
      // 5.6.7.1: a role visited before is skipped, so that cycles end.
      while let last = pending.last, visited.contains(last.name) { pending.removeLast() }
      guard let next = pending.popLast(), visited.count < limit else { return .absent }
      visited.insert(next.name)
      guard let loaded = loaded(next) else { return .needs(next) }
      (name, current) = (next.name, loaded)
    }
  }
}
