import Cryptography
import Posix
import SystemPackage
import TUF

/// Changes who signs a role.
///
/// Nobody can be locked out: a change is published only when the role, by its new keys and threshold, is signed; the
/// new root by its own and the old one's.
public struct KeyChange: Sendable {
  public enum Kind: Sendable {
    case add([PublicKey])
    /// The key ids, or beginnings of them of at least eight digits, of the keys to remove.
    case remove([String])
    /// The keys that take the place of all; none: as many new ones as there are, in the keys folder.
    case rotate([PublicKey])
  }

  public let role: String
  public let kind: Kind
  /// How many must sign; nil: as many as before.
  public let threshold: Int?

  public init(role: String, kind: Kind, threshold: Int? = nil) {
    self.role = role
    self.kind = kind
    self.threshold = threshold
  }

  public struct Result: Sendable, Equatable {
    /// Key ids after the change.
    public let keys: [String]
    public let threshold: Int
    /// False: the role had these keys and this threshold before.
    public let isNew: Bool
  }

  /// Errors: invalidInput, conflict (too few keys would be left, a key is there already), and those of the keys.
  public func run(repository path: FilePath, signing: Signing) throws -> Result {
    let repository = try Repository.open(path, orCopy: signing.proposal != nil)
    return try repository.locked(proposal: signing.proposal) { try change(in: repository, signing) }
  }

  private func change(in repository: Repository, _ signing: Signing) throws -> Result {
    var signing = signing
    var editor = try signing.editor(of: repository)
    guard editor.roles.contains(role) else {
      throw PublishingError(
        .invalidInput, "\(role): the repository has no such role",
        remedy: "name one of: \(editor.roles.joined(separator: ", "))")
    }
    let authority = try editor.authority(of: role)
    var present: [PublicKey] = []
    for keyid in authority.keyids {
      if let key = authority.keys[keyid], !present.contains(key) { present.append(key) }
    }
    let keys = try self.keys(present, &signing)
    let needed = threshold ?? authority.threshold
    guard (1...max(1, keys.count)).contains(needed), !keys.isEmpty else {
      throw PublishingError(
        .conflict, "\(role): \(keys.count) keys would be left, and \(needed) must sign",
        remedy: "add another key first, or say with --threshold N how many must sign from now on")
    }
    let before = editor
    if let top = TopLevelRole(rawValue: role) {
      try editor.appoint(keys, threshold: needed, to: top)
    } else {
      try editor.appoint(keys, threshold: needed, toDelegated: role)
    }
    let isNew = try editor.authority(of: role) != before.authority(of: role)
    let result = Result(keys: try keys.map { try Key($0).keyid }, threshold: needed, isNew: isNew)
    guard isNew else { return result }
    // Whoever is asked to sign the delegating role signs it for its full time.
    for name in editor.proposedRoles where name == "root" || name == "targets" {
      try editor.renew(name, expires: signing.lifetimes.expiry(of: name, now: signing.now))
    }
    let (lifetimes, now) = (signing.lifetimes, signing.now)
    try editor.renewUnsigned { lifetimes.expiry(of: $0, now: now) }
    try signing.finish(&editor, in: repository)
    return result
  }

  private func keys(_ present: [PublicKey], _ signing: inout Signing) throws -> [PublicKey] {
    switch kind {
    case .add(let new):
      for key in new where present.contains(key) {
        throw PublishingError(
          .conflict, "\(role): the key \(try Key(key).keyid) is one of this role's already",
          remedy: "name another public key")
      }
      return present + new
    case .remove(let names):
      var left = present
      for name in names {
        let found = try left.filter { try Key($0).keyid.hasPrefix(name) }
        guard let key = found.first, found.count == 1, name.utf8.count >= 8 else {
          throw PublishingError(
            .invalidInput, "\(name): \(found.count) keys of the role '\(role)' have an id that begins so",
            remedy: "name at least eight digits of one of: \(try left.map { try Key($0).keyid }.joined(separator: " "))"
          )
        }
        left.removeAll { $0 == key }
      }
      return left
    case .rotate(let new):
      return try new.isEmpty ? signing.replacements(of: role, count: present.count) : new
    }
  }
}
