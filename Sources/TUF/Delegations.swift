/// The delegations of one targets role, in order of priority (specification, section 4.5).
public struct Delegations: Sendable {
  public let keys: [String: Key]
  public let roles: [Delegation]

  /// Throws `malformed` for a role listed twice, `unsupported` for hash bins written in the succinct form.
  init(_ fields: Fields) throws(TUFError) {
    guard fields.json["succinct_roles"] == nil else { throw TUFError(.unsupported, "succinct hash bin delegations") }
    var keys: [String: Key] = [:]
    for (keyid, json) in try fields.object("keys") { keys[keyid] = try Key(keyid: keyid, json: json) }
    self.keys = keys
    var names: Set<String> = []
    var roles: [Delegation] = []
    for json in try fields.array("roles") {
      let role = try Delegation(try Fields(json, "delegated role"), keys: keys)
      guard names.insert(role.name).inserted else { throw TUFError(.malformed, "role \(role.name) is delegated twice") }
      roles.append(role)
    }
    self.roles = roles
  }
}

/// One delegation: which role, signed by whom, is trusted for which target paths.
public struct Delegation: Sendable {
  public enum Scope: Sendable, Equatable {
    /// Shell patterns of which at least one must match the path.
    case paths([String])
    /// Prefixes of the hexadecimal SHA-256 of the path.
    case hashPrefixes([String])
  }

  public let name: String
  public let authority: Authority
  /// Whether the search ends with this role and what it delegates, found or not.
  public let isTerminating: Bool
  public let scope: Scope

  init(_ fields: Fields, keys: [String: Key]) throws(TUFError) {
    name = try fields.string("name")
    try RoleName.check(name)
    authority = try Authority(fields, keys: keys)
    isTerminating = try fields.bool("terminating")
    switch (fields.json["paths"], fields.json["path_hash_prefixes"]) {
    case (.some, nil): scope = .paths(try fields.strings("paths"))
    case (nil, .some): scope = .hashPrefixes(try fields.strings("path_hash_prefixes"))
    default: throw TUFError(.malformed, "role \(name): exactly one of paths and path_hash_prefixes is needed")
    }
  }

  /// Whether this role is trusted for the target `path`.
  public func covers(_ path: String) -> Bool {
    switch scope {
    case .paths(let patterns): patterns.contains { PathPattern.matches($0, path) }
    case .hashPrefixes(let prefixes):
      PathPattern.hash(path).map { hash in prefixes.contains { hash.hasPrefix($0) } } ?? false
    }
  }
}
