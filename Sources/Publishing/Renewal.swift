import Posix
import SystemPackage
import TUF

/// Signs metadata anew before it expires.
public struct Renewal: Sendable {
  /// Roles besides snapshot and timestamp; just "timestamp" renews nothing else.
  public let roles: [String]
  /// Renew only what has less than half of its lifetime left. For a timer that comes round more often than that.
  public let onlyDue: Bool

  public init(roles: [String] = [], onlyDue: Bool = false) {
    self.roles = roles
    self.onlyDue = onlyDue
  }

  /// A role that was renewed.
  public struct Renewed: Sendable, Equatable {
    public let role: String
    public let version: Int
    /// Seconds since 1970.
    public let expires: Int64
  }

  /// Errors: invalidInput (no such role), and those of the keys. Returns what was renewed.
  public func run(repository path: FilePath, signing: Signing) throws -> [Renewed] {
    let repository = try Repository.open(path, orCopy: signing.proposal != nil)
    return try repository.locked(proposal: signing.proposal) { try renew(in: repository, signing) }
  }

  private func renew(in repository: Repository, _ signing: Signing) throws -> [Renewed] {
    var signing = signing
    var editor = try signing.editor(of: repository)
    for role in roles where !editor.roles.contains(role) {
      throw PublishingError(
        .invalidInput, "--role \(role): the repository has no such role",
        remedy: "name one of: \(editor.roles.joined(separator: ", "))")
    }
    let wanted = Set(roles).union(roles == ["timestamp"] ? [] : ["snapshot", "timestamp"])
    let due = try wanted.filter { try !onlyDue || isDue($0, editor, signing) }
    guard !due.isEmpty else { return [] }
    let named = due.subtracting(["snapshot", "timestamp"])
    for role in named { try editor.renew(role, expires: signing.lifetimes.expiry(of: role, now: signing.now)) }
    let online: Signing.Renewed =
      due.contains("snapshot") ? .snapshotAndTimestamp : due.contains("timestamp") ? .timestamp : .whatMust
    try signing.finish(&editor, in: repository, renewing: online)
    // What is renewed by others, or together with them, counts too: a new snapshot needs a new timestamp.
    let changed = Set(editor.changedRoles)
    return try changed.sorted().compactMap { role in
      try editor.header(of: role).map { Renewed(role: role, version: $0.version, expires: $0.expires) }
    }
  }

  private func isDue(_ role: String, _ editor: RepositoryEditor, _ signing: Signing) throws -> Bool {
    guard let header = try editor.header(of: role) else { return false }
    let lifetime = signing.lifetimes[Lifetimes.kind(of: role)]
    return try header.expires - signing.now <= lifetime / 2 || !editor.isComplete(role)
  }
}
