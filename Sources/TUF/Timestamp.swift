/// Timestamp metadata: which snapshot is the latest (specification, section 4.6).
public struct Timestamp: RoleMetadata {
  public let header: Header
  public let snapshot: FileMeta
  /// When it was made, in seconds since 1970, if it says so: the extra field "issued", a date like "expires".
  public let issued: Int64?

  public init(_ signed: JSONValue) throws(TUFError) {
    header = try Header(signed, type: "timestamp")
    let meta = try Fields(signed, "timestamp").fields("meta")
    snapshot = try FileMeta(try meta.fields("snapshot.json").json, "timestamp.meta")
    issued = signed["issued"]?.integer ?? signed["issued"]?.string.flatMap { ISO8601.parse($0) }
  }
}
