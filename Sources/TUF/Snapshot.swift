/// Snapshot metadata: the versions of all targets metadata that belong together (specification, section 4.4).
public struct Snapshot: RoleMetadata {
  public let header: Header
  /// By file name, such as "targets.json".
  public let meta: [String: FileMeta]

  public init(_ signed: JSONValue) throws(TUFError) {
    header = try Header(signed, type: "snapshot")
    var meta: [String: FileMeta] = [:]
    for (name, json) in try Fields(signed, "snapshot").object("meta") {
      meta[name] = try FileMeta(json, "snapshot.meta.\(name)")
    }
    guard meta["targets.json"] != nil else { throw TUFError(.malformed, "snapshot: targets.json is not listed") }
    self.meta = meta
  }

  /// Throws `unknownRole` when the snapshot does not list `role`.
  public func meta(of role: String) throws(TUFError) -> FileMeta {
    guard let entry = meta.value(of: role + ".json") else {
      throw TUFError(.unknownRole, role: role, "the snapshot does not list it")
    }
    return entry
  }
}
