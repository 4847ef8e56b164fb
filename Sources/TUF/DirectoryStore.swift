import Glibc

/// Trusted metadata as files of one existing directory, named by the percent-encoded role and ".json".
///
/// Each file is replaced by one rename, and clients of one directory, whatever their process, take turns by an flock(2)
/// on the directory itself. What stands in the place of a file and no client can have written, because it is no plain
/// file or longer than any, counts as absent and is replaced by the next one; only a root like that is an error, since
/// trust in it cannot be fetched again. Errors are `FileError`, and for root `TUFError(.tooLong)`.
public struct DirectoryStore: MetadataStore {
  private let path: String
  private static let maximumLength = 16_000_000

  public init(path: String) { self.path = path }

  public func lock() throws -> StoreLock? {
    try MetadataDirectory(path).lock()
  }

  public func removeUnfinished() throws {
    try MetadataDirectory(path).removeUnfinished()
  }

  public func load(_ role: String) throws -> [UInt8]? {
    let directory = try MetadataDirectory(path)
    do {
      return try directory.read(RoleName.fileName(role), maximumLength: Self.maximumLength)
    } catch {
      guard role != "root", Self.isForeign(error) else { throw error }
      return nil
    }
  }

  /// A link, a folder, a pipe, a socket or a device, or longer than any client stores.
  private static func isForeign(_ error: any Error) -> Bool {
    if let error = error as? FileError { return [ELOOP, EINVAL, ENXIO].contains(error.errno) }
    return error as? TUFError == TUFError(.tooLong, "")
  }

  /// The top-level roles reach the disk before this returns: what they say is never gone back on. A delegated role's file
  /// is held against snapshot and delegator whenever it is read, and one that a power cut spoilt is brought again.
  public func store(_ role: String, _ bytes: [UInt8]) throws {
    let isDurable = TopLevelRole(rawValue: role) != nil
    try MetadataDirectory(path).replace(RoleName.fileName(role), with: bytes, durably: isDurable)
  }

  public func remove(_ role: String) throws {
    try MetadataDirectory(path).remove(RoleName.fileName(role))
  }
}

/// Metadata files of one directory as a source: only regular files, no links followed.
public struct DirectorySource: MetadataSource {
  private let path: String

  public init(path: String) { self.path = path }

  public func metadata(named name: String, maximumLength: Int) async throws -> [UInt8]? {
    try MetadataDirectory(path).read(name, maximumLength: maximumLength)
  }
}
