import Bundles
import Cryptography
import Posix
import Product
import SystemPackage
import TUF
import Transport

/// Brings metadata and targets into one flat folder. Follows what unverified metadata says only as far as its names and
/// sizes are bounded; apply believes none of it.
struct Poll {
  let fetch: Fetch
  let into: Directory

  /// More root rotations than the client follows are not brought.
  static let maximumRotations = 256

  init(_ fetch: Fetch, into: Directory) {
    self.fetch = fetch
    self.into = into
  }

  /// - Parameter all: brings unchanged files too.
  /// - Returns: whether the repository has a timestamp that apply does not know.
  func metadata(since wanted: Wanted, all: Bool) async throws -> Bool {
    guard let timestamp = try await get("timestamp.json", limit: 16_384) else {
      throw UpdatingError(
        .unreachable, "there is no timestamp.json at \(fetch.repository.metadata.joined(separator: ", "))",
        remedy: "check repository.metadata: it must be the folder that holds the repository's metadata")
    }
    if !all, try sha256(timestamp).hex == wanted.metadata["timestamp"]?.sha256 { return false }
    var version = wanted.rootVersion
    for _ in 0..<Self.maximumRotations {
      version += 1
      guard let root = try await get("\(version).root.json", limit: 512_000) else { break }
      try keep(root, as: "\(version).root.json")
    }
    let product = fetch.layout.product
    // A bundle that somebody carried here may have brought the snapshot without all that it lists.
    let lacks = [product.role, product.rolloutRole].contains { wanted.metadata[$0] == nil }
    let listed = Self.version("snapshot", in: timestamp)
    if let snapshot = try await role("snapshot", listed, wanted, all || lacks, limit: 2 << 20) {
      for role in ["targets", product.role, product.rolloutRole] {
        let metadata = try await self.role(role, Self.version(role, in: snapshot), wanted, all, limit: 5 << 20)
        if let metadata { try await follow(wanted, in: metadata, all: all) }
      }
    }
    // Last, as the publisher wrote it last: a poll cut short never looks whole.
    try keep(timestamp, as: "timestamp.json")
    return true
  }

  private func role(_ role: String, _ version: Int?, _ wanted: Wanted, _ all: Bool, limit: Int) async throws -> [UInt8]?
  {
    guard let version, all || wanted.metadata[role]?.version != version else { return nil }
    let name = "\(version).\(role).json"
    guard let bytes = try await get(name, limit: limit) else {
      throw UpdatingError(
        .unreachable, "the repository names \(name), but does not have it",
        remedy: "the publisher (or the mirror) must publish it; the next poll tries again")
    }
    try keep(bytes, as: name)
    return bytes
  }

  /// Brings the small targets that this metadata names.
  private func follow(_ wanted: Wanted, in metadata: [UInt8], all: Bool) async throws {
    for name in wanted.follow {
      guard let target = Self.target(name, in: metadata), all || !wanted.kept.contains(target.sha256.hex) else {
        continue
      }
      guard let bytes = try await small(target) else { continue }
      try keep(bytes, as: target.sha256.hex)
    }
  }

  /// Brings what is wanted, each file resumed where an earlier poll stopped.
  func targets(_ targets: [TargetReference], partial: Directory) async throws {
    for target in targets {
      let name = target.sha256.hex
      let path = fetch.layout.fetch.appending("partial").appending(name)
      fetch.log.info("downloading \(target.name): \(target.length) bytes")
      try await fetch.downloader.download(
        Self.consistentName(target), from: fetch.repository.targets, to: path, expectedLength: target.length,
        sha256: target.sha256, bandwidth: fetch.bandwidth)
      try partial.rename(name, to: into, as: name)
    }
  }

  private func small(_ target: TargetReference) async throws -> [UInt8]? {
    guard target.length <= Door.smallLimit else { return nil }
    return try await fetch.downloader.small(
      Self.consistentName(target), from: fetch.repository.targets, maximumLength: Int(target.length))
  }

  private func get(_ name: String, limit: Int) async throws -> [UInt8]? {
    try await fetch.downloader.small(name, from: fetch.repository.metadata, maximumLength: limit)
  }

  private func keep(_ bytes: [UInt8], as name: String) throws {
    if try into.status(name) != nil { try into.unlink(name) }
    let file = try into.create(name, mode: 0o660)
    defer { try? file.close() }
    try file.writeFully(bytes, path: name)
  }

  /// `dir/SHA256.name`, as TUF's consistent snapshots name a target.
  static func consistentName(_ target: TargetReference) -> String {
    var parts = target.name.split(separator: "/").map(String.init)
    let last = parts.removeLast()
    return (parts + ["\(target.sha256.hex).\(last)"]).joined(separator: "/")
  }

  private static func signed(_ bytes: [UInt8]) -> [String: JSONValue]? {
    guard case .object(let envelope)? = try? JSONValue(parsing: bytes), case .object(let signed)? = envelope["signed"]
    else { return nil }
    return signed
  }

  /// The version of `role` that a timestamp or snapshot names.
  static func version(_ role: String, in metadata: [UInt8]) -> Int? {
    guard case .object(let meta)? = signed(metadata)?["meta"], case .object(let file)? = meta["\(role).json"],
      case .integer(let version)? = file["version"], version > 0
    else { return nil }
    return Int(version)
  }

  static func target(_ name: String, in metadata: [UInt8]) -> TargetReference? {
    guard case .object(let targets)? = signed(metadata)?["targets"], case .object(let target)? = targets[name],
      case .integer(let length)? = target["length"], length >= 0, case .object(let hashes)? = target["hashes"],
      case .string(let text)? = hashes["sha256"], let digest = SHA256Digest(hex: text)
    else { return nil }
    return TargetReference(name: name, length: Int64(length), sha256: digest)
  }
}
