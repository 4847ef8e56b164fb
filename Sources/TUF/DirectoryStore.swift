/// Trusted metadata as files of one existing directory, named by the percent-encoded role and ".json".
///
/// Each file is replaced by one rename, and clients of one directory, whatever their process, take turns by an flock(2)
/// on the directory itself. Errors are `FileError`, and `TUFError(.tooLong)` for a file that no client can have written.
public struct DirectoryStore: MetadataStore {
  private let path: String
  private static let maximumLength = 16_000_000

  public init(path: String) { self.path = path }

  public func lock() throws -> StoreLock? {
    let directory = try MetadataDirectory(path)
    guard let lock = try directory.lock() else { return nil }
    try directory.removeUnfinished()
    return lock
  }

  public func load(_ role: String) throws -> [UInt8]? {
    try MetadataDirectory(path).read(RoleName.fileName(role), maximumLength: Self.maximumLength)
  }

  public func store(_ role: String, _ bytes: [UInt8]) throws {
    try MetadataDirectory(path).replace(RoleName.fileName(role), with: bytes)
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
