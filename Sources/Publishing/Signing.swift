import Cryptography
import Posix
import SystemPackage
import TUF

/// Where the keys for one run come from, and what becomes of what they sign.
public struct Signing {
  /// The keys folder, if there is one.
  public let folder: KeyFolder?
  /// Single key files.
  public let files: [FilePath]
  /// Keys that commands sign with.
  public let commands: [SignerCommand]
  public var reader: KeyReader
  public let lifetimes: Lifetimes
  /// Seconds since 1970: one reading of the clock a run.
  public let now: Int64
  /// Where the change is written to instead of being published.
  public let proposal: FilePath?
  private var loaded: [FilePath: PrivateKey] = [:]

  public init(
    folder: KeyFolder?, files: [FilePath] = [], commands: [SignerCommand] = [], reader: KeyReader,
    lifetimes: Lifetimes = .standard, now: Int64, proposal: FilePath? = nil
  ) {
    self.folder = folder
    self.files = files
    self.commands = commands
    self.reader = reader
    self.lifetimes = lifetimes
    self.now = now
    self.proposal = proposal
  }

  /// What is signed anew besides what has changed.
  enum Renewed { case whatMust, timestamp, snapshotAndTimestamp }

  /// The repository's metadata with what is proposed already, when the change goes to a proposal that is there.
  func editor(of repository: Repository) throws -> RepositoryEditor {
    var editor = try repository.editor()
    if let proposal, let file = try ProposalFile.read(proposal) { try file.adopt(by: &editor) }
    return editor
  }

  /// Signs all drafts with what is at hand. Writes them as a proposal if that is wanted; else makes and signs snapshot and
  /// timestamp as well, and publishes.
  ///
  /// Errors: keyMissing, keyExposed, passphraseMissing, signer, and those of the keys.
  mutating func finish(
    _ editor: inout RepositoryEditor, in repository: Repository, renewing: Renewed = .whatMust
  ) throws {
    if let proposal {
      for role in editor.proposedRoles { try add(to: role, &editor) }
      if let change = try editor.proposal() { try ProposalFile.write(change, to: proposal) }
    } else {
      try publish(&editor, in: repository, renewing: renewing)
    }
  }

  mutating func publish(
    _ editor: inout RepositoryEditor, in repository: Repository, renewing: Renewed = .whatMust
  ) throws {
    for role in editor.changedRoles { try sign(role, &editor) }
    let isFollowing = try editor.proposedRoles.contains { $0 != "root" } || !Self.isGood("snapshot", editor)
    if renewing == .snapshotAndTimestamp || isFollowing {
      try editor.updateSnapshot(expires: lifetimes.expiry(of: "snapshot", now: now))
      try sign("snapshot", &editor)
    }
    let isDue = try editor.changedRoles.contains("snapshot") || !Self.isGood("timestamp", editor)
    if renewing != .whatMust || isDue {
      try editor.updateTimestamp(expires: lifetimes.expiry(of: "timestamp", now: now), issued: now)
      try sign("timestamp", &editor)
    }
    try repository.write(try editor.files())
    try PruningNotes.forget(editor, in: repository)
  }

  private static func isGood(_ role: String, _ editor: RepositoryEditor) throws -> Bool {
    guard editor.roles.contains(role) else { return false }
    return try editor.isComplete(role)
  }

  /// Signs one role's draft with as many of its keys as are at hand. Errors: keyMissing below the threshold.
  private mutating func sign(_ role: String, _ editor: inout RepositoryEditor) throws {
    guard editor.changedRoles.contains(role) else { return }
    // One of three keys may be under a passphrase that is not at hand; only falling short of the threshold matters.
    var trouble: (any Error)?
    do {
      try add(to: role, &editor)
    } catch {
      trouble = error
    }
    for count in try editor.signatures(of: role) where !count.isMet {
      if let trouble { throw trouble }
      throw PublishingError(
        .keyMissing, "the role '\(role)' needs \(count.threshold) of its keys to sign; \(count.have) are at hand",
        remedy: (folder.map {
          "put them into \($0.path.appending(KeyFolder.folder(of: role))), or name them with --key"
        }
          ?? "name its key files with --key, or their folder with --keys")
          + (role == "snapshot" || role == "timestamp" ? "" : "; --propose FILE collects signatures in steps"))
    }
  }

  /// Adds the signatures of all keys at hand that are the role's. Throws the first trouble with a key, after the others.
  mutating func add(to role: String, _ editor: inout RepositoryEditor) throws {
    guard editor.changedRoles.contains(role) else { return }
    for command in commands where try editor.awaitedKeys(of: role).contains(command.publicKey) {
      guard let payload = try editor.payload(of: role, for: command.publicKey) else { continue }
      try editor.add(try command.sign(payload), by: command.publicKey, to: role)
    }
    var trouble: (any Error)?
    for file in try files + (folder?.files(of: role) ?? []) {
      let awaited = try editor.awaitedKeys(of: role)
      if awaited.isEmpty { break }
      do {
        let key = try key(file)
        if awaited.contains(key.publicKey) { try editor.sign(role, with: key) }
      } catch let error as CryptographyError {
        trouble = trouble ?? error
      }
    }
    if let trouble { throw trouble }
  }

  mutating func key(_ file: FilePath) throws -> PrivateKey {
    if let key = loaded[file] { return key }
    let key = try reader.read(file)
    loaded[file] = key
    return key
  }

  /// The keys of a role that is being appointed: those in its folder, or new ones.
  mutating func appointees(of role: String, count: Int) throws -> [PublicKey] {
    try keep(try folder(for: role).make(count, for: role, reader: &reader))
  }

  /// New keys for a role, beside those in its folder.
  mutating func replacements(of role: String, count: Int) throws -> [PublicKey] {
    try keep(try folder(for: role).makeNew(count, for: role, reader: &reader))
  }

  private func folder(for role: String) throws -> KeyFolder {
    guard let folder else {
      throw PublishingError(
        .keyMissing, "the role '\(role)' needs a folder for its new keys",
        remedy: "name it with --keys DIR, or name keys that exist with --public-key FILE")
    }
    return folder
  }

  private mutating func keep(_ keys: [(file: FilePath, key: PrivateKey)]) throws -> [PublicKey] {
    for (file, key) in keys { loaded[file] = key }
    return keys.map(\.key.publicKey)
  }
}
