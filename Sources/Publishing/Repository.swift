import Glibc
import Posix
import SystemPackage
import TUF

/// A repository on disk: `metadata/` with the signed files and `targets/` with what they name, all of them immutable but
/// `metadata/timestamp.json`.
///
/// Whoever reads it at any instant sees one consistent state: new files get new names, and only the rename of the new
/// timestamp makes them reachable. For the same reason a run that was interrupted can simply be run again.
public struct Repository: Sendable {
  public let path: FilePath
  let root: Directory
  let metadata: Directory
  /// Nil in a copy of the metadata alone.
  private let folder: Directory?

  /// The largest metadata file that is read, in bytes.
  static let metadataLimit = 16 << 20
  private static let lockName = ".lock"

  private init(_ path: FilePath, root: Directory) throws {
    self.path = path
    self.root = root
    metadata = try root.directory("metadata")
    folder = try root.directoryIfThere(["targets"])
  }

  /// Whether this is a copy carried to where a key is, of the metadata alone or one that cannot be written to: nothing is
  /// published in it.
  var isCopy: Bool { folder == nil || !root.isWritable }

  /// Errors: noRepository, in a copy of the metadata alone.
  var targets: Directory {
    get throws {
      guard let folder else {
        throw PublishingError(
          .noRepository, "\(path): there is no targets/ here, so this is a copy of the metadata alone",
          remedy: "name the repository itself")
      }
      return folder
    }
  }

  /// Opens a repository for reading; only where `orCopy`, also a copy of its metadata alone. Errors: noRepository.
  public static func open(_ path: FilePath, orCopy: Bool = false) throws -> Repository {
    guard let root = try? Directory.following(path), let repository = try? Repository(path, root: root),
      (try? repository.metadata.status("1.root.json")) != nil, orCopy || repository.folder != nil
    else {
      throw PublishingError(
        .noRepository, "\(path): there is no repository here (no metadata/1.root.json)",
        remedy: "make one with `slipway-release init --repository \(path) --keys DIR`, or name the right folder")
    }
    return repository
  }

  /// Makes the empty folders of a new repository. Errors: exists.
  static func create(_ path: FilePath) throws -> Repository {
    let root = try Directory.making(path, mode: 0o755)
    let repository = try Repository(path, making: root)
    guard try repository.metadata.status("1.root.json") == nil else {
      throw PublishingError(
        .exists, "\(path): there is a repository here already; it is left as it is", remedy: "name another folder")
    }
    return repository
  }

  /// Opens what is there, and makes the empty folders of a repository where there is nothing.
  static func openOrMake(_ path: FilePath) throws -> Repository {
    try Repository(path, making: try Directory.making(path, mode: 0o755))
  }

  private init(_ path: FilePath, making root: Directory) throws {
    for name in ["metadata", "targets"] { _ = try root.makeDirectory(name, mode: 0o755) }
    try self.init(path, root: root)
  }

  /// Runs `body` as the only writer. In a copy only `proposal` is written, and so only its folder is locked. Errors: locked.
  func locked<Result>(proposal: FilePath? = nil, _ body: () throws -> Result) throws -> Result {
    // The lock is given back here, or when `body` throws.
    return try withExtendedLifetime(try lock(proposal: proposal)) { try body() }
  }

  /// As long as it is held there is no other writer. Errors: locked.
  func lock(proposal: FilePath? = nil) throws -> FileLock {
    let folder = try isCopy ? proposal.map { try ProposalFile.folder(of: $0) } : nil
    let taken = if let folder { try FileLock.take(folder) } else { try FileLock.take(Self.lockName, in: root) }
    guard let lock = taken else {
      throw PublishingError(
        .locked, "\(folder?.path ?? path.string): another slipway-release is writing here",
        remedy: "wait until it has ended")
    }
    return lock
  }

  /// A metadata file; nil when there is none of that name.
  func read(_ name: String) throws -> [UInt8]? { try metadata.read(name, limit: Self.metadataLimit) }

  /// The repository's metadata, ready to be edited; `record` is given each file that it consists of.
  ///
  /// Errors: `TUFError`, naming the file.
  func editor(_ record: (_ name: String, _ bytes: [UInt8]) -> Void = { _, _ in }) throws -> RepositoryEditor {
    var last = ""
    do {
      return try RepositoryEditor { name in
        last = name
        let bytes = try read(name)
        if let bytes { record(name, bytes) }
        return bytes
      }
    } catch let error as TUFError {
      throw TUFError(error.code, role: error.role, "\(metadata.path)/\(last): \(error.detail)")
    }
  }

  /// Writes metadata in the order given, each file whole or not at all.
  func write(_ files: [RepositoryFile]) throws {
    for file in files { try DurableFile.write(file.bytes, file.name, in: metadata) }
  }
}

extension Directory {
  /// Opens the directory at `path`, which people may well have made a symbolic link.
  static func following(_ path: FilePath) throws(PosixError) -> Directory {
    do { return try Directory.open(FilePath(path.string + "/.")) } catch {
      throw PosixError(error.operation, path.string, code: error.code)
    }
  }

  /// Makes the directory at `path` and all above it that are missing, and opens it.
  static func making(_ path: FilePath, mode: mode_t) throws(PosixError) -> Directory {
    do {
      return try following(path)
    } catch {
      guard error.isNotFound, let name = path.lastComponent else { throw error }
      let parent = path.removingLastComponent()
      return try making(parent.isEmpty ? "." : parent, mode: 0o755).makeDirectory(name.string, mode: mode)
    }
  }
}
