import Archives
import Bundles
import Cryptography
import Posix
import Product
import SystemPackage

/// The versioned folders of one product and the links that say which of them runs.
///
/// `current` is what runs, `proven` what has proved itself (the updater's own units run from it), `previous` the way
/// back by hand. Each is moved by one rename, so none is ever absent or half.
public struct VersionStore: Sendable {
  public enum Link: String, Sendable { case current, proven, previous }

  public let layout: Layout
  public let directory: Directory
  let trees: Directory

  public init(_ layout: Layout) throws(InstallationError) {
    self.layout = layout
    do {
      directory = try Directory.open(layout.versions)
      trees = try Directory.open(layout.trees)
    } catch {
      throw error.isNotFound
        ? InstallationError(
          .notInstalled, "\(layout.product) is not installed (there is no \(error.path))",
          remedy: "install it with its Setup file")
        : InstallationError(error)
    }
  }

  static func folder(_ version: SemanticVersion) -> String { "app-\(version)" }

  static func version(ofFolder name: String) -> SemanticVersion? {
    name.hasPrefix("app-") ? try? SemanticVersion(String(name.dropFirst(4))) : nil
  }

  /// The versions on disk, oldest first.
  public func versions() throws(InstallationError) -> [SemanticVersion] {
    do { return try directory.names().compactMap(Self.version(ofFolder:)).sorted() } catch {
      throw InstallationError(error)
    }
  }

  /// The version that `link` names; nil where there is no such link or it names nothing that can be a version.
  public func version(_ link: Link) -> SemanticVersion? {
    guard let target = (try? directory.readLink(link.rawValue)) ?? nil else { return nil }
    return Self.version(ofFolder: target)
  }

  public func point(_ link: Link, at version: SemanticVersion) throws(InstallationError) {
    do { try directory.switchLink(link.rawValue, to: Self.folder(version)) } catch { throw InstallationError(error) }
  }

  /// For when the way back has been gone: nothing is left to go back to.
  public func removePrevious() throws(InstallationError) {
    do { try directory.unlink(Link.previous.rawValue) } catch { throw InstallationError(error) }
  }

  public func path(of version: SemanticVersion) -> FilePath { layout.versions.appending(Self.folder(version)) }
  public func path(_ link: Link) -> FilePath { layout.versions.appending(link.rawValue) }

  public func contains(_ version: SemanticVersion) -> Bool {
    ((try? directory.status(Self.folder(version))) ?? nil) != nil
  }

  /// The sealed manifest of an installed version: its text as the publisher signed it.
  public func manifest(of version: SemanticVersion) throws -> (manifest: TreeManifest, digest: SHA256Digest) {
    let name = "\(Self.folder(version)).json"
    let bytes: [UInt8]?
    do { bytes = try layout.sealed.read(name, limit: Release.manifestLimit) } catch { throw InstallationError(error) }
    guard let bytes else {
      throw InstallationError(
        .damaged, "\(trees.path)/\(name) is missing: the sealed tree manifest of \(version)",
        remedy: InstallationError.installAnew)
    }
    do { return (try TreeManifest(parsing: bytes), try sha256(bytes)) } catch {
      throw InstallationError(.damaged, "\(trees.path)/\(name): \(error)", remedy: InstallationError.installAnew)
    }
  }

  /// Keeps both manifests of a release, as signed.
  public func seal(_ release: Release) throws(InstallationError) {
    let folder = Self.folder(release.version)
    do {
      try layout.sealed.write(release.productBytes, "\(folder).product.json")
      try layout.sealed.write(release.treeBytes, "\(folder).json")
    } catch let error as PosixError {
      throw InstallationError(error)
    } catch {
      throw InstallationError(.fileSystem, "\(error)", remedy: "look at the disk")
    }
  }

  /// The files of ``Layout/sealed`` that belong to a version.
  public static func manifests(of version: SemanticVersion) -> (tree: String, product: String) {
    ("\(folder(version)).json", "\(folder(version)).product.json")
  }

  // MARK: Staging

  /// A new, empty, root-only folder beside the versions (never /tmp: noexec, other users).
  public func makeStaging(for version: SemanticVersion) throws(InstallationError) -> String {
    let name = ".staging-\(version)"
    do {
      try directory.removeTree(name)
      _ = try directory.makeDirectory(name, mode: 0o700)
    } catch { throw InstallationError(error) }
    return name
  }

  public func staging(_ name: String) throws(InstallationError) -> Directory {
    do { return try directory.directory(name) } catch { throw InstallationError(error) }
  }

  public func removeStaging(_ name: String) throws(InstallationError) {
    do { try directory.removeTree(name) } catch { throw InstallationError(error) }
  }

  /// Seals a staged tree: manifest stored, everything flushed by one syncfs, renamed into place, made read-only.
  /// A folder of that version that is in the way (left by an interrupted run, or damaged) is removed first; only a
  /// first installation that is made again stages a version that a link names.
  public func adopt(_ staging: String, _ release: Release) throws(InstallationError) {
    let folder = Self.folder(release.version)
    do { try directory.removeTree(folder) } catch { throw InstallationError(error) }
    try seal(release)
    do {
      let tree = try directory.directory(staging)
      try tree.changeMode(0o755)
      try tree.synchronizeFileSystem()
      try directory.rename(staging, to: directory, as: folder)
      try tree.changeMode(0o555)
      try directory.synchronize()
    } catch { throw InstallationError(error) }
  }

  /// Puts a tree that was built again in the place of a damaged one, or of one that is gone, by one step; the damaged one
  /// has the staging folder's name then. Processes that run from it keep its files until they end.
  public func replace(_ version: SemanticVersion, by staging: String) throws(InstallationError) {
    let folder = Self.folder(version)
    do {
      let tree = try directory.directory(staging)
      try tree.changeMode(0o555)
      try tree.synchronizeFileSystem()
      if try directory.status(folder) == nil {
        try directory.renameExclusively(staging, to: directory, as: folder)
      } else {
        try directory.exchange(staging, with: folder)
      }
      try directory.synchronize()
    } catch { throw InstallationError(error) }
  }

  // MARK: Collecting

  /// Removes versions that nothing needs and leftovers of staging. Never touched: what a link names, what is in
  /// `keep` (pinned, running, in flight), and of the others the newest, up to `count` versions in all.
  /// - Returns: the versions removed.
  public func collect(keeping count: Int, also keep: Set<String>) throws(InstallationError) -> [SemanticVersion] {
    let linked = Set([Link.current, .proven, .previous].compactMap { version($0)?.description })
    let present = try versions()
    let needed = present.filter { linked.contains($0.description) || keep.contains($0.description) }
    let spare = present.filter { !needed.contains($0) }
    let kept = max(0, count - needed.count)
    let doomed = Array(spare.dropLast(min(kept, spare.count)))
    do {
      for version in doomed { try remove(folder: Self.folder(version)) }
    } catch { throw InstallationError(error) }
    try removeStagings()
    return doomed
  }

  /// Removes what interrupted runs have left, for who holds the lock with nothing under way.
  public func removeStagings() throws(InstallationError) {
    do {
      for name in try directory.names() where name.hasPrefix(".staging-") { try directory.removeTree(name) }
    } catch { throw InstallationError(error) }
  }

  /// Removes one version, unless a link names it.
  public func remove(_ version: SemanticVersion) throws(InstallationError) {
    guard ![Link.current, .proven, .previous].contains(where: { self.version($0) == version }) else { return }
    do { try remove(folder: Self.folder(version)) } catch { throw InstallationError(error) }
  }

  private func remove(folder: String) throws(PosixError) {
    try directory.removeTree(folder)
    for name in ["\(folder).json", "\(folder).product.json"] { try layout.sealed.remove(name) }
  }

  /// Refuses early when what is about to be written does not fit.
  public func preflight(
    archiveBytes: Int64, treeBytes: Int64, inodes: Int64, spare: Int64 = 0
  ) throws(InstallationError) {
    let need = SpaceNeed(archiveBytes: archiveBytes, treeBytes: treeBytes, inodes: inodes, spare: spare)
    let volumes: (versions: SpaceNeed.Volume, state: SpaceNeed.Volume)
    do throws(PosixError) { volumes = (try Self.volume(directory), try Self.volume(trees)) } catch {
      throw InstallationError(error)
    }
    for demand in need.demands(versions: volumes.versions, state: volumes.state) where !demand.isMet {
      throw InstallationError(.noSpace, demand.description, remedy: demand.remedy)
    }
  }

  private static func volume(_ folder: Directory) throws(PosixError) -> SpaceNeed.Volume {
    let free = try folder.freeSpace()
    return SpaceNeed.Volume(
      folder: folder.path, device: free.device, freeBytes: free.bytes, freeInodes: free.inodes)
  }
}
