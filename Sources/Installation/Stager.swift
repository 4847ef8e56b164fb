import Archives
import Bundles
import Posix
import SystemPackage

/// Unpacks a release beside the versions that are there, sealed but not yet named by any link.
public struct Stager: Sendable {
  public let store: VersionStore

  public init(_ store: VersionStore) { self.store = store }

  /// Extracts into a root-only folder and proves the result equal to the signed tree manifest. On any error the folder
  /// is removed; nothing that runs is touched.
  ///
  /// - Parameters:
  ///   - spare: bytes that must stay free on the file system of the versions.
  ///   - progress: told the bytes written so far.
  /// - Returns: the staging folder's name, for ``VersionStore/adopt(_:version:manifest:)``.
  public func extract(
    _ release: Release, archive: OpenFile, spare: Int64 = 0, progress: (@Sendable (Int64) -> Void)? = nil
  ) throws -> String {
    try store.preflight(
      archiveBytes: release.targets.archive.length, treeBytes: release.tree.totals.bytes,
      inodes: release.tree.totals.inodes, spare: spare)
    let name = try store.makeStaging(for: release.version)
    do {
      let into = try store.staging(name)
      try TreeArchive.extract(
        archive.descriptor, offset: 0, length: release.targets.archive.length, manifest: release.tree, into: into,
        progress: progress)
      return name
    } catch {
      try? store.removeStaging(name)
      throw error
    }
  }
}
