import Posix
import SystemPackage
import TUF

/// Signs metadata anew before it expires.
public struct Renewal: Sendable {
  /// Roles besides snapshot and timestamp; just "timestamp" renews nothing else.
  public let roles: [String]

  public init(roles: [String] = []) { self.roles = roles }

  /// Errors: invalidInput (no such role), and those of the keys. Returns what was renewed with its new expiry, in seconds
  /// since 1970.
  public func run(repository path: FilePath, signing: Signing) throws -> [(role: String, version: Int, expires: Int64)]
  {
    let repository = try Repository.open(path)
    return try repository.locked { try renew(in: repository, signing) }
  }

  private func renew(in repository: Repository, _ signing: Signing) throws -> [(
    role: String, version: Int, expires: Int64
  )] {
    var editor = try repository.editor()
    var signing = signing
    for role in roles where !editor.roles.contains(role) {
      throw PublishingError(
        .invalidInput, "--role \(role): the repository has no such role",
        remedy: "name one of: \(editor.roles.joined(separator: ", "))")
    }
    for role in Set(roles).subtracting(["snapshot", "timestamp"]).sorted() {
      try editor.renew(role, expires: signing.lifetimes.expiry(of: role, now: signing.now))
    }
    try signing.finish(&editor, in: repository, timestampOnly: roles == ["timestamp"])
    let renewed = Set(roles).union(roles == ["timestamp"] ? [] : ["snapshot", "timestamp"])
    return try renewed.sorted().compactMap { role in
      try editor.header(of: role).map { (role, $0.version, $0.expires) }
    }
  }
}
