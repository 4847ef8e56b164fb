import Cryptography
import Posix
import SystemPackage
import TUF

/// A bundle as files in folders: `metadata/` and `targets/`, or both flat in one folder as fetch leaves them.
public struct FolderBundle: BundleSource {
  let metadata: Directory
  let targets: Directory

  /// Both kinds flat in `directory`.
  public init(flat directory: Directory) {
    metadata = directory
    targets = directory
  }

  public init(_ path: FilePath) throws(BundleError) {
    do {
      let directory = try Directory.open(path)
      metadata = try directory.directory("metadata")
      targets = try directory.directory("targets")
    } catch {
      throw error.isNotFound
        ? BundleError(.malformed, "\(path): not a bundle (it must hold metadata/ and targets/)") : BundleError(error)
    }
  }

  public func metadata(named name: String, maximumLength: Int) async throws -> [UInt8]? {
    guard try metadata.status(name) != nil else { return nil }
    let opened = try Self.open(name, in: metadata)
    guard opened.length <= maximumLength else {
      throw BundleError(.mismatch, "\(opened.name): larger than the \(maximumLength) bytes that are allowed")
    }
    return try opened.file.descriptor.readAll(limit: maximumLength, path: opened.name)
  }

  public func target(_ digest: SHA256Digest) throws(BundleError) -> UntrustedBytes? {
    do {
      guard try targets.status(digest.hex) != nil else { return nil }
    } catch { throw BundleError(error) }
    return try Self.open(digest.hex, in: targets)
  }

  /// Only a plain file with one link is read: a fifo would block us, a second link lets its owner keep a way in.
  private static func open(_ name: String, in directory: Directory) throws(BundleError) -> UntrustedBytes {
    let shown = "\(directory.path)/\(name)"
    do {
      let file = OpenFile(try directory.open(name))
      let status = try file.descriptor.status(shown)
      guard status.kind == .file, status.links == 1 else {
        throw BundleError(.mismatch, "\(shown): not a plain file with one link")
      }
      return UntrustedBytes(file: file, offset: 0, length: status.size, name: shown)
    } catch let error as BundleError {
      throw error
    } catch let error as PosixError {
      // ELOOP and EXDEV are openat2's words for "a link" and "another file system".
      throw error.isNoSpace ? BundleError(error) : BundleError(.mismatch, error.description)
    } catch {
      throw BundleError(.fileSystem, "\(error)")
    }
  }
}
