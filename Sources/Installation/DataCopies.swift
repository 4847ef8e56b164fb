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
    do { folder = try Directory.open(layout.data) } catch {
      guard error.isNotFound else { throw InstallationError(error) }
      return nil
    }
  }

  /// The versions whose data is kept.
  public func versions() throws(InstallationError) -> [SemanticVersion] {
    try posix { () throws(PosixError) in
      guard try folder.status(Self.area) != nil else { return [] }
      return try folder.directory(Self.area).names().compactMap { name in
        name.hasPrefix("of-") ? try? SemanticVersion(String(name.dropFirst(3))) : nil
      }
    }
  }

  /// Copies the folders as `version` left them; those that are not there are not copied. One that was made before, by a
  /// switch that was cut off, must have been brought back by now.
  public func keep(_ names: [String], of version: SemanticVersion) throws(InstallationError) {
    try posix { () throws(PosixError) in
      let area = try folder.makeDirectory(Self.area, mode: 0o700)
      try area.removeTree(Self.unfinished)
      let copy = try area.makeDirectory(Self.unfinished, mode: 0o700)
      for name in names { try folder.copyTree(name, to: copy, as: name) }
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
      guard try folder.status(Self.area) != nil else { return }
      let area = try folder.directory(Self.area)
      guard try area.status(Self.name(version)) != nil else { return }
      let copy = try area.directory(Self.name(version))
      // Made by root at boot, it must be the agent's user's to work on; `area` lets nobody else in.
      let aside = try area.makeDirectory(Self.name(left), mode: 0o777)
      for name in try copy.names() {
        if try folder.status(name) != nil {
          try aside.removeTree(name)
          try folder.rename(name, to: aside, as: name)
          try aside.synchronize()
        }
        try copy.rename(name, to: folder, as: name)
        try folder.synchronize()
      }
      try area.removeDirectory(Self.name(version))
      try area.synchronize()
    }
  }

  /// Removes the copies but for those of `kept`.
  public func drop(keeping kept: Set<SemanticVersion>) throws(InstallationError) {
    for version in try versions() where !kept.contains(version) {
      try posix { () throws(PosixError) in
        try folder.directory(Self.area).removeTree(Self.name(version))
      }
    }
  }

  /// What a copy of the folders would take of the disk, and what is free there. Where the file system shares data between
  /// files a copy takes next to nothing.
  public func need(_ names: [String]) throws(InstallationError) -> DataNeed {
    try posix { () throws(PosixError) in
      var need = DataNeed()
      let area = try folder.makeDirectory(Self.area, mode: 0o700)
      let shares = try area.sharesData()
      for name in names where try folder.status(name) != nil {
        let extent = try folder.extent(of: name)
        need.bytes += shares ? extent.inodes * 4096 : extent.bytes
        need.inodes += extent.inodes
      }
      let free = try folder.freeSpace()
      (need.device, need.freeBytes, need.freeInodes) = (free.device, free.bytes, free.inodes)
      return need
    }
  }

  private static func name(_ version: SemanticVersion) -> String { "of-\(version)" }

  private func posix<Value>(_ work: () throws(PosixError) -> Value) throws(InstallationError) -> Value {
    do { return try work() } catch { throw InstallationError(error) }
  }
}

/// What copies of data folders take, measured where they lie.
public struct DataNeed: Sendable, Equatable, Codable {
  public var bytes: Int64 = 0
  public var inodes: Int64 = 0
  /// The file system's number.
  public var device: UInt64 = 0
  public var freeBytes: Int64 = .max
  public var freeInodes: Int64 = .max

  public init() {}
}
