import Cryptography

@testable import TUF

/// Thursday, 2026-01-01T00:00:00Z.
let newYear: Int64 = 1_767_225_600
let day: Int64 = 86_400

/// A small repository with keys at hand: root 2 of 3, one key for the others, a role "agent" and a role "agent-rollout".
struct Fixture {
  let rootKeys: [PrivateKey]
  let targetsKey: PrivateKey
  let onlineKey: PrivateKey
  let agentKey: PrivateKey
  var editor: RepositoryEditor
  /// Everything ever written, by file name.
  var files: [String: [UInt8]] = [:]
  /// What stands in the place of the target.
  var served = Fixture.content
  static let content = Array("the release".utf8)
  static let path = "products/agent/releases/1.0.0/linux.tar.zst"

  init(start: Int64 = newYear) throws {
    rootKeys = try (0..<3).map { _ in try PrivateKey.generate() }
    targetsKey = try PrivateKey.generate()
    onlineKey = try PrivateKey.generate()
    agentKey = try PrivateKey.generate()
    editor = try RepositoryEditor(rootExpires: start + 400 * day, targetsExpires: start + 400 * day)
    try editor.appoint(rootKeys.map(\.publicKey), threshold: 2, to: .root)
    try editor.appoint([targetsKey.publicKey], threshold: 1, to: .targets)
    try editor.appoint([onlineKey.publicKey], threshold: 1, to: .snapshot)
    try editor.appoint([onlineKey.publicKey], threshold: 1, to: .timestamp)
    try editor.delegate(
      to: "agent", keys: [agentKey.publicKey], threshold: 1,
      paths: ["products/agent/policy.json", "products/agent/releases/*/*"], terminating: true,
      expires: start + 400 * day)
    try editor.delegate(
      to: "agent-rollout", keys: [onlineKey.publicKey], threshold: 1, paths: ["products/agent/channels/*"],
      terminating: true, expires: start + 90 * day)
    try editor.setTarget(
      Self.path, length: Self.content.count, sha256: sha256(Self.content), custom: .object(["n": .integer(1)]),
      in: "agent")
    try editor.setTarget(
      "products/agent/channels/stable.json", length: 2, sha256: sha256(Array("{}".utf8)), in: "agent-rollout")
    try publish(at: start)
  }

  var keys: [PrivateKey] { rootKeys + [targetsKey, onlineKey, agentKey] }

  /// Finishes and "uploads" the drafts, then opens the repository anew.
  mutating func publish(at time: Int64 = newYear, keys: [PrivateKey]? = nil) throws {
    try editor.finish(
      snapshotExpires: time + 7 * day, timestampExpires: time + day, issued: time, keys: keys ?? self.keys)
    for file in try editor.files() { files[file.name] = file.bytes }
    try reopen()
    files["\(try editor.header(of: "timestamp")?.version ?? 0).timestamp.json"] = files["timestamp.json"]
  }

  mutating func reopen() throws {
    let files = self.files
    editor = try RepositoryEditor(opening: { files[$0] })
  }

  var initialRoot: [UInt8] { files["1.root.json"] ?? [] }

  func store() -> MemoryStore { MemoryStore(["root": initialRoot]) }

  func client(
    _ store: any MetadataStore, now: Int64 = newYear + 60, freshness: FreshnessPolicy = .strict,
    limits: Limits = .standard
  ) -> Client {
    Client(source: MemorySource(files: files), store: store, now: now, freshness: freshness, limits: limits)
  }

  /// Rewrites a published file: `change` edits the signed part, `keys` sign it, under key ids of the present roles.
  mutating func forge(
    _ name: String, keys: [PrivateKey], as newName: String? = nil, _ change: (inout JSONValue) throws -> Void
  ) throws {
    var signed = try Envelope(parsing: files[name] ?? []).signed
    try change(&signed)
    let envelope = Envelope(signed: signed, signatures: try keys.map { try Self.signature($0, over: signed) })
    files[newName ?? name] = envelope.fileText()
  }

  static func signature(_ key: PrivateKey, over signed: JSONValue) throws -> Envelope.Signature {
    Envelope.Signature(
      keyid: try Key(key.publicKey).keyid, hex: Hex.encode(try key.sign(CanonicalJSON.encode(signed))))
  }
}

/// Files in memory; the bytes under a name are what the "attacker" serves.
struct MemorySource: MetadataSource {
  let files: [String: [UInt8]]

  func metadata(named name: String, maximumLength: Int) async throws -> [UInt8]? { files[name] }
}
