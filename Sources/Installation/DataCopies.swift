import Glibc
import Posix
import Product
import SystemPackage

/// The product's data folders and the copies of them, each named after the version that wrote it:
///
///     /var/lib/ID/NAME                    what the running version works with
///     /var/lib/ID/.slipway/of-VERSION/    NAME, ... as VERSION left them
///     /var/lib/ID/.slipway/new/           a copy that is not whole yet
///
/// While VERSION runs and nothing is pending there is no `of-VERSION`. All of it belongs to the agent's user, and is worked on as
/// that user; root only renames, at boot. Everything is a rename, or can be made again from the start.
public struct DataCopies: Sendable {
  private static let area = ".slipway"
  private static let unfinished = "new"

  private let folder: Directory

  /// Nil where the product has no folder below `/var/lib`.
  public init?(_ layout: Layout) throws(InstallationError) {
    do { folder = try Directory.openOwn(layout.data) } catch {
      guard error.isNotFound else { throw InstallationError(error) }
      return nil
    }
  }

  /// Nil where there is none. What the agent's user has put in the place of a folder of ours is none either: no way back
  /// may depend on what a version that fails does to its own.
  private static func existing(_ name: String, in parent: Directory) throws(PosixError) -> Directory? {
    try parent.status(name)?.kind == .directory ? try parent.ownDirectory(name) : nil
  }

  private static func make(_ name: String, in parent: Directory, mode: mode_t = 0o700) throws(PosixError) -> Directory {
    if let there = try existing(name, in: parent) { return there }
    try parent.removeTree(name)
    return try parent.makeDirectory(name, mode: mode)
  }

  /// The versions whose data is kept.
  public func versions() throws(InstallationError) -> [SemanticVersion] {
    try posix { () throws(PosixError) in
      guard let area = try Self.existing(Self.area, in: folder) else { return [] }
      return try area.names().compactMap { name in
        name.hasPrefix("of-") ? try? SemanticVersion(String(name.dropFirst(3))) : nil
      }
    }
  }

  /// The folders in each copy.
  public func contents() throws(InstallationError) -> [SemanticVersion: [String]] {
    var contents: [SemanticVersion: [String]] = [:]
    for version in try versions() {
      try posix { () throws(PosixError) in
        guard let area = try Self.existing(Self.area, in: folder),
          let copy = try Self.existing(Self.name(version), in: area)
        else { return }
        contents[version] = try Self.folders(in: copy)
      }
    }
    return contents
  }

  /// Folders of data have no dot in front; what else lies there was not put there by us.
  private static func folders(in copy: Directory) throws(PosixError) -> [String] {
    var names: [String] = []
    for name in try copy.names() where !name.hasPrefix(".") {
      if try copy.status(name)?.kind == .directory { names.append(name) }
    }
    return names
  }

  /// Copies the folders as `version` left them; those that are not there are not copied. One that was made before, by a
  /// switch that was cut off, must have been brought back by now. Of no folders there is no copy.
  public func keep(_ names: [String], of version: SemanticVersion) throws(InstallationError) {
    guard !names.isEmpty else { return }
    try posix { () throws(PosixError) in
      let area = try Self.make(Self.area, in: folder)
      try area.removeTree(Self.unfinished)
      let copy = try area.makeDirectory(Self.unfinished, mode: 0o700)
      for name in try present(names) { try folder.copyTree(name, to: copy, as: name) }
      try copy.synchronizeFileSystem()
      try area.removeTree(Self.name(version))
      try area.rename(Self.unfinished, to: area, as: Self.name(version))
      try area.synchronize()
    }
  }

  /// Puts the folders of `version` in their places again; what lies there is set aside as that of `left`. Repeatable
  /// from any point, and nothing where there is no copy.
  public func bring(_ version: SemanticVersion, leaving left: SemanticVersion) throws(InstallationError) {
    try posix { () throws(PosixError) in
      guard let area = try Self.existing(Self.area, in: folder),
        let copy = try Self.existing(Self.name(version), in: area)
      else { return }
      // Made by root at boot, it must be the agent's user's to work on; `area` lets nobody else in.
      let aside = try Self.make(Self.name(left), in: area, mode: 0o777)
      for name in try Self.folders(in: copy) {
        if try folder.status(name) != nil {
          try aside.removeTree(name)
          try Self.move(name, from: folder, to: aside)
          try aside.synchronize()
        }
        try Self.move(name, from: copy, to: folder)
        try folder.synchronize()
      }
      try area.removeTree(Self.name(version))
      try area.synchronize()
    }
  }

  /// Renames a folder, which writes its `..`: whoever took the right to write from its owner must not stop that.
  private static func move(_ name: String, from: Directory, to other: Directory) throws(PosixError) {
    let found = try from.status(name)
    guard let found, found.kind == .directory, found.mode & 0o700 != 0o700 else {
      return try from.rename(name, to: other, as: name)
    }
    let moved = try from.ownDirectory(name)
    try from.rename(name, to: other, as: name)
    try moved.changeMode(found.mode & 0o1777)
  }

  /// Has the copy of `version` stand for that of another, in whose place it comes.
  public func rename(_ version: SemanticVersion, to other: SemanticVersion) throws(InstallationError) {
    try drop(other)
    try posix { () throws(PosixError) in
      guard let area = try Self.existing(Self.area, in: folder) else { return }
      try area.rename(Self.name(version), to: area, as: Self.name(other))
      try area.synchronize()
    }
  }

  /// Removes the copies but for those of `kept`.
  public func drop(keeping kept: Set<SemanticVersion>) throws(InstallationError) {
    for version in try versions() where !kept.contains(version) { try drop(version) }
  }

  public func drop(_ version: SemanticVersion) throws(InstallationError) { try remove(Self.name(version)) }

  /// A copy that failed, or was cut off, takes no room any longer than until it is known.
  public func dropUnfinished() throws(InstallationError) { try remove(Self.unfinished) }

  private func remove(_ name: String) throws(InstallationError) {
    try posix { () throws(PosixError) in try Self.existing(Self.area, in: folder)?.removeTree(name) }
  }

  /// What a copy of the folders would take of the disk, and what is free there. Where the file system shares data between
  /// files a copy takes next to nothing.
  public func need(_ names: [String]) throws(InstallationError) -> DataNeed {
    try posix { () throws(PosixError) in
      var need = DataNeed()
      let area = try Self.make(Self.area, in: folder)
      let shares = try area.sharesData()
      for name in try present(names) {
        let extent = try folder.extent(of: name)
        need.bytes += shares ? extent.inodes * 4096 : extent.bytes
        need.inodes += extent.inodes
      }
      let free = try folder.freeSpace()
      (need.device, need.freeBytes, need.freeInodes) = (free.device, free.bytes, free.inodes)
      return need
    }
  }

  /// Those of the folders that are there.
  ///
  /// - Throws: ENOTDIR for what is no folder itself: behind a link the data would be changed, and the link copied.
  private func present(_ names: [String]) throws(PosixError) -> [String] {
    var present: [String] = []
    for name in names {
      guard let found = try folder.status(name) else { continue }
      guard found.kind == .directory else { throw PosixError("copy", "\(folder.path)/\(name)", code: ENOTDIR) }
      present.append(name)
    }
    return present
  }

  private static func name(_ version: SemanticVersion) -> String { "of-\(version)" }

  private func posix<Value>(_ work: () throws(PosixError) -> Value) throws(InstallationError) -> Value {
    do { return try work() } catch { throw InstallationError(error) }
  }
}
