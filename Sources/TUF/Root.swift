/// The names of the roles that root itself appoints.
public enum TopLevelRole: String, Sendable, CaseIterable, Hashable {
  case root, targets, snapshot, timestamp
}

/// Root metadata: who may sign what (specification, section 4.3).
public struct Root: RoleMetadata {
  public let header: Header
  public let consistentSnapshot: Bool
  /// All listed keys by key id.
  public let keys: [String: Key]
  private let authorities: [TopLevelRole: Authority]

  public init(_ signed: JSONValue) throws(TUFError) {
    header = try Header(signed, type: "root")
    let fields = try Fields(signed, "root")
    consistentSnapshot = signed["consistent_snapshot"] == nil ? false : try fields.bool("consistent_snapshot")
    var keys: [String: Key] = [:]
    for (keyid, json) in try fields.object("keys") { keys[keyid] = try Key(keyid: keyid, json: json) }
    self.keys = keys
    let roles = try fields.fields("roles")
    var authorities: [TopLevelRole: Authority] = [:]
    for role in TopLevelRole.allCases {
      authorities[role] = try Authority(try roles.fields(role.rawValue), keys: keys)
    }
    self.authorities = authorities
  }

  /// Who signs `role`; root names all four, which `init` has checked.
  public func authority(of role: TopLevelRole) throws(TUFError) -> Authority {
    guard let authority = authorities[role] else { throw TUFError(.malformed, "root: no \(role.rawValue) role") }
    return authority
  }
}

extension Root {
  /// Key ids that a role lists and nobody can sign with.
  var unusableKeys: Set<String> { Set(authorities.values.flatMap(\.unusable)) }
}
