import Cryptography

/// Targets metadata, top-level or delegated (specification, section 4.5).
public struct Targets: RoleMetadata {
  public let header: Header
  /// By target path.
  public let files: [String: TargetFile]
  public let delegations: Delegations?

  public init(_ signed: JSONValue) throws(TUFError) {
    header = try Header(signed, type: "targets")
    let fields = try Fields(signed, "targets")
    var files: [String: TargetFile] = [:]
    for (path, json) in try fields.object("targets") { files[path] = try TargetFile(json, path) }
    self.files = files
    delegations = signed["delegations"] == nil ? nil : try Delegations(try fields.fields("delegations"))
  }

  /// Key ids that a delegation lists and nobody can sign with.
  var unusableKeys: Set<String> {
    guard let delegations else { return [] }
    return Set((delegations.succinct.map { [$0.authority] } ?? delegations.roles.map(\.authority)).flatMap(\.unusable))
  }

  /// The entry for exactly these bytes of `path`.
  func file(_ path: String) -> TargetFile? { files.value(of: path) }
}

/// What the metadata says of one target.
public struct TargetFile: Sendable, Equatable {
  /// Bytes.
  public let length: Int
  /// Hexadecimal digests by algorithm; a target with neither sha256 nor sha512 can be listed, but not used.
  public let hashes: [String: String]
  public let custom: JSONValue?

  init(_ json: JSONValue, _ path: String) throws(TUFError) {
    let fields = try Fields(json, "target \(path)")
    length = try fields.integer("length", atLeast: 0)
    hashes = try Hashes.read(fields)
    custom = json["custom"]
  }
}

/// A target together with its path and the role that signed for it.
public struct TargetInfo: Sendable, Equatable {
  public let path: String
  /// Bytes.
  public let length: Int
  /// Hexadecimal digests by algorithm.
  public let hashes: [String: String]
  public let custom: JSONValue?
  public let role: String

  init(path: String, file: TargetFile, role: String) {
    self.path = path
    length = file.length
    hashes = file.hashes
    custom = file.custom
    self.role = role
  }

  public var sha256: SHA256Digest? { hashes["sha256"].flatMap { SHA256Digest(hex: $0) } }

  /// Throws `lengthOrHash` unless `bytes` are the target (section 5.7.3), and `unsupported` when none of the hashes is of
  /// an algorithm that is known here.
  public func check(_ bytes: [UInt8]) throws(TUFError) {
    guard Hashes.areUsable(hashes) else { throw Hashes.unusable(path).about(role) }
    guard bytes.count == length else {
      throw TUFError(.lengthOrHash, role: role, "\(path): \(bytes.count) bytes where \(length) are listed")
    }
    try Hashes.check(bytes, hashes, role: role)
  }
}
