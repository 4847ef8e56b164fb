import Cryptography

@testable import TUF

extension Attack {
  /// Answers that begin and never end.
  static let slowness = [
    ("3.root.json", "root"), ("timestamp.json", "timestamp"), ("3.snapshot.json", "snapshot"),
    ("3.targets.json", "targets"), ("3.agent.json", "agent"),
  ].map { file, role in
    Attack(.slowRetrieval, "\(role) never arrives", .overdue, role) { _ in }.with { $0.stalled = file }
  }

  /// What is served in the place of the target.
  static let contents = [
    Attack(.arbitraryInstallation, "other bytes of the same length", .lengthOrHash, "agent") {
      $0.served = Array("the rELEASE".utf8)
    },
    Attack(.arbitraryInstallation, "nothing", .lengthOrHash, "agent") { $0.served = [] },
    Attack(.endlessData, "a byte more", .lengthOrHash, "agent") { $0.served.append(0) },
    Attack(.endlessData, "a megabyte more", .lengthOrHash, "agent") {
      $0.served += [UInt8](repeating: 0, count: 1_000_000)
    },
    Attack(.endlessData, "cut off", .lengthOrHash, "agent") { $0.served.removeLast() },
    Attack(.wrongInstallation, "the bytes of another signed target", .lengthOrHash, "agent") {
      $0.served = Array("{}".utf8)
    },
    Attack(.mixAndMatch, "right sha256, wrong sha512", .lengthOrHash, "agent") {
      try $0.rehash(sha512: String(repeating: "0", count: 128))
    }.with { $0.twin = { try $0.rehash(sha512: Hex.encode(Digest.of(Fixture.content, .sha512))) } },
  ].map { $0.with { $0.isAboutContent = true } }

  /// A mirror has no keys; it can serve old things, other things, and parts of things.
  static let mirrors = [
    Attack(.vulnerableMirrors, "another repository's metadata", .signature, "root") {
      var other = try Fixture()
      try other.next()
      try other.next()
      $0.files = other.files
    },
    Attack(.vulnerableMirrors, "another repository's timestamp", .signature, "timestamp") {
      $0.files["timestamp.json"] = try Fixture().files["timestamp.json"]
    },
    Attack(.vulnerableMirrors, "a mirror that has stopped at version 1", .rollback, "timestamp") {
      $0.files = $0.files.filter { $0.key.hasPrefix("1.") || $0.key.hasPrefix("2.root") }
      $0.files["timestamp.json"] = $0.files["1.timestamp.json"]
    },
    Attack(.vulnerableMirrors, "a mirror that has stopped, past its expiry", .expired, "timestamp") {
      $0.files["timestamp.json"] = $0.files["2.timestamp.json"]
    }.with {
      $0.now = newYear + 2 * day
      $0.twin = { try $0.publish(at: newYear + 2 * day) }
    },
    Attack(.vulnerableMirrors, "a mirror with half of an upload", .missing, "snapshot") {
      $0.files["3.snapshot.json"] = nil
    },
    Attack(.vulnerableMirrors, "a page of words in place of a file", .malformed, "timestamp") {
      $0.files["timestamp.json"] = Array("<!doctype html><title>Sign in to the network</title>".utf8)
    },
  ]
}

extension Fixture {
  /// Adds a sha512 to the target's hashes; of several, all must be right.
  fileprivate mutating func rehash(sha512: String) throws {
    try change("agent") { $0["targets"]?[Self.path]?["hashes"]?["sha512"] = .string(sha512) }
  }
}
