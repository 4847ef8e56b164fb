import Cryptography

extension RepositoryEditor {
  /// Appoints the keys of a top-level role. Keys that no role uses any more leave root. A new root is signed by the old
  /// root's threshold too.
  public mutating func appoint(_ keys: [PublicKey], threshold: Int, to role: TopLevelRole) throws(TUFError) {
    try edit("root") { (root) throws(TUFError) in
      var listed = root["keys"]?.object ?? [:]
      let authority = try Self.appointment(keys, threshold, among: &listed)
      var roles = root["roles"] ?? .object([:])
      roles[role.rawValue] = (roles[role.rawValue] ?? .object([:])).adding(authority)
      root["roles"] = roles
      root["keys"] = .object(Self.used(listed, by: roles.object?.values.map { $0 } ?? []))
    }
  }

  /// Sets when a role expires (seconds since 1970), and makes a new version of it even when nothing else changes.
  public mutating func renew(_ role: String, expires: Int64) throws(TUFError) {
    let date = try Draft.date(expires)
    try edit(role, always: true) { (signed) in signed["expires"] = .string(date) }
  }

  /// Delegates to `name` after the delegations there are, or changes that delegation in its place.
  ///
  /// A role that is new begins empty and expires at `expires`; of one that exists only the delegation changes.
  public mutating func delegate(
    to name: String, from parent: String = "targets", keys: [PublicKey], threshold: Int, paths: [String],
    terminating: Bool, expires: Int64
  ) throws(TUFError) {
    try RoleName.check(name)
    guard RoleName.fileName(name) == name + ".json", name.first != "." else {
      throw TUFError(.edit, role: name, "a role's name has letters, digits, '-', '_', '~' and '.', not first")
    }
    try edit(parent) { (signed) throws(TUFError) in
      let delegations = signed["delegations"] ?? .object(["keys": .object([:]), "roles": .array([])])
      var listed = delegations["keys"]?.object ?? [:]
      let entry = JSONValue.object([
        "name": .string(name), "paths": .array(paths.map { .string($0) }), "terminating": .bool(terminating),
      ]).adding(try Self.appointment(keys, threshold, among: &listed))
      var roles = delegations["roles"]?.array ?? []
      if let index = roles.firstIndex(where: { $0["name"]?.string == name }) {
        roles[index] = entry
      } else {
        roles.append(entry)
      }
      signed["delegations"] = delegations.adding([
        "keys": .object(Self.used(listed, by: roles)), "roles": .array(roles),
      ])
    }
    if drafts[name] == nil {
      // A role that was removed and comes back goes on where its versions ended, or clients would see a rollback.
      let last = drafts["snapshot"]?.signed["meta"]?[name + ".json"]?["version"]?.integer ?? 0
      let fields = try Draft.header("targets", expires: expires).adding(["targets": .object([:])])
      drafts[name] = try Draft(fields, after: last)
    }
  }

  /// Ends a delegation. The role's file stays in the repository, and the snapshot goes on listing it, as clients demand.
  public mutating func removeDelegation(to name: String, from parent: String = "targets") throws(TUFError) {
    try edit(parent) { (signed) throws(TUFError) in
      let roles = signed["delegations"]?["roles"]?.array ?? []
      let remaining = roles.filter { $0["name"]?.string != name }
      guard remaining.count < roles.count else { throw TUFError(.edit, role: parent, "does not delegate to \(name)") }
      let listed = signed["delegations"]?["keys"]?.object ?? [:]
      signed["delegations"]?["roles"] = .array(remaining)
      signed["delegations"]?["keys"] = .object(Self.used(listed, by: remaining))
    }
    try dropUndelegated()
  }

  /// Forgets roles that nobody delegates to any more.
  mutating func dropUndelegated() throws(TUFError) {
    for role in roles where TopLevelRole(rawValue: role) == nil {
      guard try delegations(to: role).isEmpty else { continue }
      drafts[role] = nil
      return try dropUndelegated()
    }
  }

  /// Who signs `role`, as it stands: its keys, usable or not, and threshold. Where several delegate to it, top-level targets
  /// is asked, or the first of them by name. Throws `edit` for an unknown role.
  public func authority(of role: String) throws(TUFError) -> Authority {
    if let top = TopLevelRole(rawValue: role) { return try root().authority(of: top) }
    guard let delegation = try delegations(to: role).first else {
      throw TUFError(.edit, role: role, "there is no such role")
    }
    return delegation.authority
  }

  /// Appoints the keys of a role that others delegate to, in each of its delegations; all else of them stays.
  ///
  /// Throws `edit` where they name different keys: what is wanted of one of them may not be of another.
  public mutating func appoint(_ keys: [PublicKey], threshold: Int, toDelegated name: String) throws(TUFError) {
    let authorities = try delegations(to: name).map(\.authority)
    guard authorities.allSatisfy({ $0 == authorities[0] }) else {
      throw TUFError(.edit, role: name, "several roles delegate to it, and not to the same keys")
    }
    var isFound = false
    for parent in delegatingRoles {
      guard
        let index = try draft(parent).signed["delegations"]?["roles"]?.array?
          .firstIndex(where: { $0["name"]?.string == name })
      else { continue }
      isFound = true
      try edit(parent) { (signed) throws(TUFError) in
        var listed = signed["delegations"]?["keys"]?.object ?? [:]
        let authority = try Self.appointment(keys, threshold, among: &listed)
        var entries = signed["delegations"]?["roles"]?.array ?? []
        entries[index] = entries[index].adding(authority)
        signed["delegations"]?["roles"] = .array(entries)
        signed["delegations"]?["keys"] = .object(Self.used(listed, by: entries))
      }
    }
    guard isFound else { throw TUFError(.edit, role: name, "there is no such role") }
  }

  /// Makes a new version of each targets role whose published one its keys, as they are now, no longer carry.
  /// `expires` gives the new expiry of a role, in seconds since 1970.
  public mutating func renewUnsigned(expires: (String) -> Int64) throws(TUFError) {
    for role in roles where role == "targets" || TopLevelRole(rawValue: role) == nil {
      let isSigned = try isComplete(role)
      if try !draft(role).isChanged, !isSigned { try renew(role, expires: expires(role)) }
    }
  }

  /// The roles that can delegate, top-level targets first.
  private var delegatingRoles: [String] {
    (drafts["targets"] == nil ? [] : ["targets"]) + roles.filter { TopLevelRole(rawValue: $0) == nil }
  }

  /// The delegations to `name` from all roles, that of top-level targets first.
  func delegations(to name: String) throws(TUFError) -> [Delegation] {
    var found: [Delegation] = []
    for role in delegatingRoles {
      if let delegation = try targets(role).delegations?.delegation(to: name) { found.append(delegation) }
    }
    return found
  }

  /// The fields "keyids" and "threshold"; a key listed already keeps its entry with all its fields.
  private static func appointment(
    _ keys: [PublicKey], _ threshold: Int, among listed: inout [String: JSONValue]
  ) throws(TUFError) -> [String: JSONValue] {
    guard Set(keys).count == keys.count else { throw TUFError(.edit, "a key is given twice") }
    guard (1...max(1, keys.count)).contains(threshold), !keys.isEmpty else {
      throw TUFError(.edit, "a threshold of \(threshold) with \(keys.count) keys")
    }
    var keyids: [JSONValue] = []
    for publicKey in keys {
      var entry: Key?
      for (keyid, json) in listed where entry == nil {
        let key = try Key(keyid: keyid, json: json)
        if key.publicKey == publicKey { entry = key }
      }
      do {
        let key = try entry ?? Key(publicKey)
        listed[key.keyid] = key.json
        keyids.append(.string(key.keyid))
      } catch {
        throw TUFError(.edit, "\(error)")
      }
    }
    return ["keyids": .array(keyids), "threshold": .integer(Int64(threshold))]
  }

  private static func used(_ keys: [String: JSONValue], by roles: [JSONValue]) -> [String: JSONValue] {
    let keyids = Set(roles.flatMap { $0["keyids"]?.array?.compactMap(\.string) ?? [] })
    return keys.filter { keyids.contains($0.key) }
  }
}
