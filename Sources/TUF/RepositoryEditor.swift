import Cryptography

/// A repository's metadata being edited: a value, without a disk or a clock.
///
/// Edits make drafts: the first edit of a role raises its version by one and drops its signatures. A draft is a proposal
/// until keys have signed it up to the thresholds; it can travel as a file to where a key is (`proposal`, `adopt`). Once
/// every draft is complete, `updateSnapshot` and `updateTimestamp` follow, and `files` gives what to write. The same edits
/// signed by the same ed25519 keys give the same bytes. Consistent snapshots are always on.
///
/// Errors are `TUFError`: `edit` for what the repository's state does not allow, the others for malformed input.
public struct RepositoryEditor: Sendable {
  var drafts: [String: Draft]

  /// A new repository without keys; appoint them for all four roles. Dates in seconds since 1970.
  public init(rootExpires: Int64, targetsExpires: Int64) throws(TUFError) {
    let nobody = JSONValue.object(["keyids": .array([]), "threshold": .integer(1)])
    let roles = TopLevelRole.allCases.map { ($0.rawValue, nobody) }
    drafts = [
      "root": try Draft(
        try Draft.header("root", expires: rootExpires).adding([
          "consistent_snapshot": .bool(true), "keys": .object([:]),
          "roles": .object(Dictionary(uniqueKeysWithValues: roles)),
        ])),
      "targets": try Draft(Draft.header("targets", expires: targetsExpires).adding(["targets": .object([:])])),
    ]
  }

  /// The present state of a published repository. `read` gives a metadata file by its name, nil when there is none.
  ///
  /// Only the shape is checked here; whether the signatures hold is asked of `signatures(of:)`, so that a damaged
  /// repository can be opened and mended.
  public init(opening read: (String) throws -> [UInt8]?) throws {
    func required(_ name: String) throws -> Envelope {
      guard let bytes = try read(name) else { throw TUFError(.missing, "the repository has no \(name)") }
      return try Envelope(parsing: bytes)
    }
    var root = try required("1.root.json")
    while let next = try read("\(try Root(root.signed).version + 1).root.json") { root = try Envelope(parsing: next) }
    let timestamp = try required("timestamp.json")
    let snapshot = try required("\(try Timestamp(timestamp.signed).snapshot.version).snapshot.json")
    drafts = ["root": Draft(root), "timestamp": Draft(timestamp), "snapshot": Draft(snapshot)]
    let listed = try Snapshot(snapshot.signed)
    var pending = ["targets"]
    while let role = pending.popLast() {
      guard drafts[role] == nil, let version = listed.meta.value(of: role + ".json")?.version else { continue }
      let envelope = try required("\(version).\(RoleName.fileName(role))")
      drafts[role] = Draft(envelope)
      pending += try Targets(envelope.signed).delegations?.listed(in: listed).map(\.name) ?? []
    }
  }

  /// The roles there are, top-level and delegated, in the order of their names.
  public var roles: [String] { drafts.keys.sorted(by: String.precedesByBytes) }

  /// The roles with a draft, in the order of their names.
  public var changedRoles: [String] { roles.filter { drafts[$0]?.isChanged == true } }

  /// Version, expiry and fields of a role as it stands, draft or published; nil when there is no such role.
  public func header(of role: String) throws(TUFError) -> Header? {
    guard let draft = drafts[role] else { return nil }
    return try Header(draft.signed, type: TopLevelRole(rawValue: role) == nil ? "targets" : role)
  }

  /// Root as it stands.
  public func root() throws(TUFError) -> Root { try Root(try draft("root").signed) }

  /// A targets role as it stands.
  public func targets(_ role: String = "targets") throws(TUFError) -> Targets { try Targets(try draft(role).signed) }

  func draft(_ role: String) throws(TUFError) -> Draft {
    guard let draft = drafts[role] else { throw TUFError(.edit, role: role, "there is no such role") }
    return draft
  }

  /// Changes a role; an edit that changes nothing makes no draft, unless `always`.
  mutating func edit(
    _ role: String, always: Bool = false, _ change: (inout JSONValue) throws(TUFError) -> Void
  ) throws(TUFError) {
    var draft = try draft(role)
    var signed = draft.signed
    try change(&signed)
    guard always || signed != draft.signed else { return }
    try draft.replace(signed)
    drafts[role] = draft
  }
}
