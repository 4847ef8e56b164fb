/// The delegations of one targets role, in order of priority (specification, section 4.5).
public struct Delegations: Sendable {
  public let keys: [String: Key]
  /// Empty when `succinct` is set.
  public let roles: [Delegation]
  /// Hash bins in the form of TAP 15, which stand in the place of `roles`.
  public let succinct: SuccinctRoles?
  private let hashed: HashPrefixIndex
  /// Positions in `roles` of the delegations by paths.
  private let patterned: [Int]

  /// Throws `malformed` for a role listed twice, or both kinds of roles at once.
  init(_ fields: Fields) throws(TUFError) {
    var keys: [String: Key] = [:]
    for (keyid, json) in try fields.object("keys") { keys[keyid] = try Key(keyid: keyid, json: json) }
    self.keys = keys
    if fields.json["succinct_roles"] != nil {
      guard fields.json["roles"] == nil else { throw TUFError(.malformed, "delegations: roles and succinct_roles") }
      succinct = try SuccinctRoles(try fields.fields("succinct_roles"), keys: keys)
      (roles, hashed, patterned) = ([], HashPrefixIndex(), [])
      return
    }
    succinct = nil
    var names: Set<String> = []
    var roles: [Delegation] = []
    for json in try fields.array("roles") {
      let role = try Delegation(try Fields(json, "delegated role"), keys: keys)
      guard names.insert(role.name).inserted else { throw TUFError(.malformed, "role \(role.name) is delegated twice") }
      roles.append(role)
    }
    self.roles = roles
    var hashed = HashPrefixIndex()
    for (position, role) in roles.enumerated() {
      if case .hashPrefixes(let prefixes) = role.scope { hashed.add(prefixes, at: position) }
    }
    self.hashed = hashed
    patterned = roles.indices.filter { if case .paths = roles[$0].scope { true } else { false } }
  }

  /// The delegation to the role `name`.
  public func delegation(to name: String) -> Delegation? {
    succinct?.delegation(named: name) ?? roles.first { $0.name.utf8.elementsEqual(name.utf8) }
  }

  /// The delegations that are trusted for `path`, in order, up to the first terminating one.
  func covering(_ path: String) -> [Delegation] {
    if let succinct { return succinct.delegation(for: path).map { [$0] } ?? [] }
    let positions = hashed.positions(for: path).union(patterned.filter { roles[$0].covers(path) })
    let found = positions.sorted().map { roles[$0] }
    guard let end = found.firstIndex(where: \.isTerminating) else { return found }
    return Array(found[...end])
  }

  /// The delegations to those roles that `snapshot` lists; of bins there may be four thousand million others.
  func listed(in snapshot: Snapshot) -> [Delegation] {
    guard let succinct else { return roles.filter { snapshot.meta.value(of: $0.name + ".json") != nil } }
    return snapshot.meta.keys.sorted(by: String.precedesByBytes).compactMap { file in
      file.hasSuffix(".json") ? succinct.delegation(named: String(file.dropLast(5))) : nil
    }
  }
}
