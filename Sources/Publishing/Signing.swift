import Cryptography
import Posix
import SystemPackage
import TUF

/// Where the keys for one run come from.
public struct Signing {
  /// The keys folder, if there is one.
  public let folder: KeyFolder?
  /// Single key files.
  public let files: [FilePath]
  public var reader: KeyReader
  public let lifetimes: Lifetimes
  /// Seconds since 1970: one reading of the clock a run.
  public let now: Int64
  private var loaded: [FilePath: PrivateKey] = [:]

  public init(
    folder: KeyFolder?, files: [FilePath] = [], reader: KeyReader, lifetimes: Lifetimes = .standard, now: Int64
  ) {
    self.folder = folder
    self.files = files
    self.reader = reader
    self.lifetimes = lifetimes
    self.now = now
  }

  /// Signs all drafts, then makes and signs snapshot and timestamp, and writes what has changed.
  ///
  /// Errors: keyMissing, keyExposed, passphraseMissing, and those of the keys.
  mutating func finish(_ editor: inout RepositoryEditor, in repository: Repository, timestampOnly: Bool = false) throws
  {
    for role in editor.changedRoles { try sign(role, &editor) }
    if !timestampOnly {
      try editor.updateSnapshot(expires: lifetimes.expiry(of: "snapshot", now: now))
      try sign("snapshot", &editor)
    }
    try editor.updateTimestamp(expires: lifetimes.expiry(of: "timestamp", now: now), issued: now)
    try sign("timestamp", &editor)
    try repository.write(try editor.files())
  }

  /// Signs one role's draft with as many of its keys as are at hand.
  private mutating func sign(_ role: String, _ editor: inout RepositoryEditor) throws {
    guard editor.changedRoles.contains(role) else { return }
    let candidates = try files + (folder?.files(of: role) ?? [])
    var trouble: (any Error)?
    for file in candidates {
      let outstanding = Set(try editor.signatures(of: role).flatMap(\.outstanding))
      if outstanding.isEmpty { break }
      do {
        let key = try key(file)
        if outstanding.contains(try Key(key.publicKey).keyid) { try editor.sign(role, with: key) }
      } catch let error as CryptographyError {
        // One of three keys may be under a passphrase that is not at hand; only falling short of the threshold matters.
        trouble = trouble ?? error
      }
    }
    for count in try editor.signatures(of: role) where !count.isMet {
      if let trouble { throw trouble }
      throw PublishingError(
        .keyMissing, "the role '\(role)' needs \(count.threshold) of its keys to sign; \(count.have) are at hand",
        remedy: folder.map { "put them into \($0.path.appending(KeyFolder.folder(of: role))), or name them with --key" }
          ?? "name its key files with --key, or their folder with --keys")
    }
  }

  private mutating func key(_ file: FilePath) throws -> PrivateKey {
    if let key = loaded[file] { return key }
    let key = try reader.read(file)
    loaded[file] = key
    return key
  }

  /// The keys of a role that is being appointed: those in its folder, or new ones.
  mutating func appointees(of role: String, count: Int) throws -> [PublicKey] {
    guard let folder else {
      throw PublishingError(
        .keyMissing, "the new role '\(role)' needs a folder for its keys", remedy: "name it with --keys DIR")
    }
    let keys = try folder.make(count, for: role, reader: &reader)
    for (file, key) in keys { loaded[file] = key }
    return keys.map(\.key.publicKey)
  }
}
