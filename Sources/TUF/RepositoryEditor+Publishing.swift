import Cryptography

/// A metadata file to write into a repository.
public struct RepositoryFile: Sendable, Equatable {
  /// One path component, such as "2.targets.json".
  public let name: String
  public let bytes: [UInt8]
}

extension RepositoryEditor {
  /// Makes the snapshot list all targets roles as they stand; a draft only if that, its keys, or the
  /// expiry asked for differ from what is published.
  ///
  /// Throws `edit` while a targets role lacks signatures: they are part of what the snapshot hashes.
  public mutating func updateSnapshot(expires: Int64) throws(TUFError) {
    let date = try Draft.date(expires)
    // Clients refuse a snapshot that no longer lists a file (section 5.5.5), so entries of removed roles stay.
    var meta = drafts["snapshot"]?.published?.signed["meta"]?.object ?? [:]
    for role in roles where role == "targets" || TopLevelRole(rawValue: role) == nil {
      try requireComplete(role)
      let draft = try draft(role)
      if !draft.isChanged, meta[role + ".json"] != nil { continue }
      meta[role + ".json"] = try Self.reference(draft)
    }
    if drafts["snapshot"] == nil {
      drafts["snapshot"] = try Draft(Draft.header("snapshot", expires: expires).adding(["meta": .object(meta)]))
    }
    // After a change of its keys the published one no longer verifies, and a new version is needed for that alone.
    let isSigned = try isComplete("snapshot")
    let isStale = try !draft("snapshot").isChanged && !isSigned
    try edit("snapshot", always: isStale) { (signed) in
      signed["meta"] = .object(meta)
      signed["expires"] = .string(date)
    }
  }

  /// Makes a new timestamp for the snapshot as it stands; dates in seconds since 1970. Throws `edit` while the snapshot
  /// lacks signatures.
  public mutating func updateTimestamp(expires: Int64, issued: Int64) throws(TUFError) {
    try requireComplete("snapshot")
    let snapshot = try draft("snapshot")
    var meta = drafts["timestamp"]?.published?.signed["meta"]?["snapshot.json"]
    if snapshot.isChanged || meta == nil { meta = try Self.reference(snapshot) }
    let fields: [String: JSONValue] = [
      "meta": .object(["snapshot.json": meta ?? .null]), "expires": .string(try Draft.date(expires)),
      "issued": .string(try Draft.date(issued)),
    ]
    if drafts["timestamp"] == nil {
      drafts["timestamp"] = try Draft(Draft.header("timestamp", expires: expires).adding(fields))
    }
    try edit("timestamp", always: true) { (signed) in signed = signed.adding(fields) }
  }

  /// Signs all drafts that `keys` can sign, then makes and signs snapshot and timestamp. Dates in seconds since 1970.
  public mutating func finish(
    snapshotExpires: Int64, timestampExpires: Int64, issued: Int64, keys: [PrivateKey]
  ) throws(TUFError) {
    try sign(with: keys)
    try updateSnapshot(expires: snapshotExpires)
    try sign(with: keys)
    try updateTimestamp(expires: timestampExpires, issued: issued)
    try sign(with: keys)
  }

  /// The files to write; published ones are left out. What others refer to comes first, then root, timestamp.json last,
  /// so that a reader at any moment finds one state or the other. Only where the new root takes away keys that carry what
  /// is published, and what is new is signed by both the old keys and the new, root comes after the timestamp.
  ///
  /// Throws `edit` unless every role meets its thresholds and snapshot and timestamp fit what they refer to.
  public func files() throws(TUFError) -> [RepositoryFile] {
    for role in roles { try requireComplete(role) }
    let snapshot = try Snapshot(try draft("snapshot").signed)
    for role in roles where role == "targets" || TopLevelRole(rawValue: role) == nil {
      try Self.requireReference(to: try draft(role), role, is: snapshot.meta[role + ".json"])
    }
    let timestamp = try Timestamp(try draft("timestamp").signed)
    try Self.requireReference(to: try draft("snapshot"), "snapshot", is: timestamp.snapshot)

    let delegated = roles.filter { TopLevelRole(rawValue: $0) == nil }
    let end = try isRootLast ? ["timestamp", "root"] : ["root", "timestamp"]
    var files: [RepositoryFile] = []
    for role in delegated + ["targets", "snapshot"] + end {
      let draft = try draft(role)
      guard draft.isChanged else { continue }
      let prefix = role == "timestamp" ? "" : "\(draft.version)."
      files.append(RepositoryFile(name: prefix + RoleName.fileName(role), bytes: draft.fileText()))
    }
    return files
  }

  private var isRootLast: Bool {
    get throws(TUFError) {
      guard let old = try draft("root").published else { return false }
      let published = try Self.signedByRoot.map { (role) throws(TUFError) in try draft(role.rawValue).published }
      let new = try Self.signedByRoot.map { (role) throws(TUFError) in try draft(role.rawValue).envelope }
      guard try !Self.does(try root(), accept: published.compactMap { $0 }) else { return false }
      return try Self.does(try Root(old.signed), accept: new)
    }
  }

  /// Whether the root of this editor accepts the timestamp, snapshot and targets role of `other`.
  public func isRootGood(for other: RepositoryEditor) throws(TUFError) -> Bool {
    let envelopes = try Self.signedByRoot.map { (role) throws(TUFError) in try other.draft(role.rawValue).envelope }
    return try Self.does(try root(), accept: envelopes)
  }

  private static let signedByRoot: [TopLevelRole] = [.targets, .snapshot, .timestamp]

  private static func does(_ root: Root, accept envelopes: [Envelope]) throws(TUFError) -> Bool {
    for (role, envelope) in zip(signedByRoot, envelopes) {
      let authority = try root.authority(of: role)
      guard authority.signers(of: envelope).count >= authority.threshold else { return false }
    }
    return true
  }

  private func requireComplete(_ role: String) throws(TUFError) {
    for count in try signatures(of: role) where !count.isMet {
      throw TUFError(.edit, role: role, "signed by \(count.have) of the \(count.threshold) keys needed")
    }
  }

  private static func requireReference(to draft: Draft, _ role: String, is meta: FileMeta?) throws(TUFError) {
    guard let meta, meta.version == draft.version else {
      throw TUFError(.edit, role: role, "snapshot and timestamp are not up to date with it")
    }
    // What is published has been hashed as published, in whatever form its maker wrote it.
    if draft.isChanged { try meta.check(draft.fileText(), role: role) }
  }

  private static func reference(_ draft: Draft) throws(TUFError) -> JSONValue {
    let bytes = draft.fileText()
    do {
      return .object([
        "version": .integer(Int64(draft.version)), "length": .integer(Int64(bytes.count)),
        "hashes": .object(["sha256": .string(try sha256(bytes).hex)]),
      ])
    } catch {
      throw TUFError(.edit, "\(error)")
    }
  }
}
