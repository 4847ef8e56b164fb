/// Why the publisher's side refused or could not do what was asked. Equal by code.
public struct PublishingError: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Code: String, Sendable, CaseIterable {
    /// There is no repository at that place, or no such file in it.
    case noRepository
    /// Keys or a repository are there already; they are never overwritten.
    case exists
    /// Another run is writing to the repository.
    case locked
    /// No key, or too few, for a role that must be signed.
    case keyMissing
    /// A key file that others can read.
    case keyExposed
    /// A passphrase is needed and none was given.
    case passphraseMissing
    /// An input that cannot be packed: a tree without an updater, a platform that the manifest does not list.
    case invalidInput
    /// A folder or a name on the command line that cannot be meant.
    case usage
    /// The version is published already, and with other bytes.
    case conflict
    /// The release lacks a platform.
    case incomplete
    /// The product's offline role has not signed it.
    case unsigned
    /// The version is halted, blocked or below the floor.
    case forbidden
    /// A proposal that was made from another state than the published one.
    case stale
    /// A key that may sign nothing of what is proposed.
    case foreignKey
    /// An external signer did not give a signature.
    case signer
    /// Not what is trusted here, or nothing to trust.
    case untrusted
    /// The repository is not what its own metadata says.
    case damaged
  }

  public let code: Code
  /// What and where.
  public let message: String
  /// What to do about it.
  public let remedy: String?

  public init(_ code: Code, _ message: String, remedy: String? = nil) {
    self.code = code
    self.message = message
    self.remedy = remedy
  }

  public static func == (a: PublishingError, b: PublishingError) -> Bool { a.code == b.code }
  public var description: String { message }
}
