import Cryptography
import Posix
import SystemPackage

/// Makes the manifest of a publisher's directory: modes become 0444 or 0555, hard links become copies.
public struct TreeScanner: Sendable {
  public let id: String
  public let version: String
  public let platform: String
  /// Files that may keep setuid or setgid.
  public let specialModes: Set<EntryPath>

  public init(id: String, version: String, platform: String, specialModes: Set<EntryPath> = []) {
    self.id = id
    self.version = version
    self.platform = platform
    self.specialModes = specialModes
  }

  /// Errors name the entry: specialFile, escapingLink, specialMode, fileCapability, nameNotUTF8, controlCharacter,
  /// nameTooLong, system (among others EXDEV: another file system is mounted there).
  public func scan(_ tree: FilePath) throws(ArchiveError) -> TreeManifest {
    let root = try system(nil) { () throws(PosixError) in try Directory.open(tree) }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
    defer { buffer.deallocate() }
    var entries: [TreeManifest.Entry] = []
    var pending: [EntryPath?] = [nil]
    while let directory = pending.popLast() {
      for path in try root.children(of: directory) {
        let kind = try look(at: path, in: root, buffer)
        if kind == .directory { pending.append(path) }
        entries.append(TreeManifest.Entry(path, kind))
      }
    }
    return try TreeManifest(
      id: id, version: version, platform: platform, entries: entries, specialModes: specialModes)
  }

  private func look(at path: EntryPath, in root: Directory, _ buffer: UnsafeMutableRawBufferPointer)
    throws(ArchiveError) -> TreeManifest.Entry.Kind
  {
    guard let status = try system(path, { () throws(PosixError) in try root.confinedStatus(path) }) else {
      throw ArchiveError(.missing, path.string, "removed during the scan")
    }
    switch status.kind {
    case .directory: return .directory
    case .link:
      let bytes = try system(path) { () throws(PosixError) in try root.confinedTarget(path) }
      guard let target = String(validating: bytes, as: UTF8.self) else {
        throw ArchiveError(.nameNotUTF8, path.string, "link target")
      }
      try path.checkTarget(target)
      return .link(target: target)
    case .file:
      let file = try system(path) { () throws(PosixError) in try root.open(path.string) }
      defer { try? file.close() }
      if try file.extendedAttributes(path).contains("security.capability") {
        throw ArchiveError(.fileCapability, path.string, "use AmbientCapabilities= of the unit")
      }
      let special = UInt32(status.mode) & 0o6000
      guard special == 0 || specialModes.contains(path) else {
        throw ArchiveError(.specialMode, path.string, "list it in specialModes if it must be")
      }
      let found = try file.digest(path, buffer: buffer)
      let mode = special | (status.mode & 0o111 != 0 ? 0o555 : 0o444)
      return .file(mode: mode, size: found.size, sha256: found.sha256)
    case .other: throw ArchiveError(.specialFile, path.string)
    }
  }
}

extension Directory {
  /// The paths of what is in `parent` (nil: in this directory itself), sorted.
  func children(of parent: EntryPath?) throws(ArchiveError) -> [EntryPath] {
    let names = try system(parent) { () throws(PosixError) in
      try (parent.map { (path) throws(PosixError) in try directory(path.string) } ?? self).names()
    }
    var paths: [EntryPath] = []
    for name in names { paths.append(try EntryPath(parent, name)) }
    return paths
  }
}
