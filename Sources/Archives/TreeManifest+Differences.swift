import Glibc
import Posix
import SystemPackage

extension TreeManifest {
  /// Everything that is wrong with the tree in `directory`, sorted by path; empty when it equals the manifest exactly:
  /// types, modes, sizes, link targets, contents (with `checkHashes`), one hard link a file, no extended attributes,
  /// nothing more. Owners are checked when run as root. Nothing is followed or changed.
  ///
  /// Errors: system, where the tree cannot be read at all.
  public func differences(in directory: Directory, checkHashes: Bool) throws(ArchiveError) -> [TreeDifference] {
    let comparison = TreeComparison(root: directory, checkHashes: checkHashes)
    var seen = [Bool](repeating: false, count: entries.count)
    var pending: [EntryPath?] = [nil]
    while let above = pending.popLast() {
      for path in comparison.children(of: above) {
        guard let index = index(of: path) else {
          comparison.report(path, .unexpected)
          continue
        }
        seen[index] = true
        if try comparison.compare(entries[index]) { pending.append(path) }
      }
    }
    for (entry, seen) in zip(entries, seen) where !seen { comparison.report(entry.path, .missing) }
    return comparison.found.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
  }

  /// As above, for the directory at `path`.
  public func differences(in path: FilePath, checkHashes: Bool) throws(ArchiveError) -> [TreeDifference] {
    let directory = try system(nil) { () throws(PosixError) in try Directory.open(path) }
    return try differences(in: directory, checkHashes: checkHashes)
  }
}

/// Collects differences between entries and what lies below a directory.
private final class TreeComparison {
  private(set) var found: [TreeDifference] = []
  private let root: Directory
  private let checkHashes: Bool
  private let isRoot = geteuid() == 0
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)

  init(root: Directory, checkHashes: Bool) {
    self.root = root
    self.checkHashes = checkHashes
  }

  deinit { buffer.deallocate() }

  func report(_ path: EntryPath, _ kind: TreeDifference.Kind, _ detail: String = "") {
    found.append(TreeDifference(path.string, kind, detail))
  }

  /// What is in a directory that the manifest lists; names that no manifest can list are reported here.
  func children(of parent: EntryPath?) -> [EntryPath] {
    do throws(PosixError) {
      let directory = try parent.map { (path) throws(PosixError) in try root.directory(path.string) } ?? root
      var paths: [EntryPath] = []
      for name in try directory.names() {
        do throws(ArchiveError) {
          paths.append(try EntryPath(parent, name))
        } catch {
          found.append(TreeDifference(parent.map { "\($0)/\(name)" } ?? name, .unexpected, error.code.meaning))
        }
      }
      return paths
    } catch {
      found.append(TreeDifference(parent?.string ?? ".", error.code == EILSEQ ? .unexpected : .unreadable, "\(error)"))
      return []
    }
  }

  /// Reports how the entry differs. True: it is a directory, as it should be.
  func compare(_ entry: TreeManifest.Entry) throws(ArchiveError) -> Bool {
    do {
      guard let status = try system(entry.path, { () throws(PosixError) in try root.confinedStatus(entry.path) }) else {
        report(entry.path, .missing, "removed meanwhile")
        return false
      }
      if isRoot, status.user != 0 || status.group != 0 {
        report(entry.path, .wrongOwner, "\(status.user):\(status.group)")
      }
      return try compare(entry, status)
    } catch  where error.code == .system {
      report(entry.path, .unreadable, "\(error)")
      return false
    }
  }

  private func compare(_ entry: TreeManifest.Entry, _ status: FileStatus) throws(ArchiveError) -> Bool {
    let path = entry.path
    switch (entry.kind, status.kind) {
    case (.directory, .directory):
      let directory = try system(path) { () throws(PosixError) in try root.directory(path.string) }
      try directory.withDescriptor { (fd) throws(ArchiveError) in
        try check(FileDescriptor(rawValue: fd), path, status, mode: TreeManifest.directoryMode)
      }
      return true
    case (.link(let target), .link):
      let bytes = try system(path) { () throws(PosixError) in try root.confinedTarget(path) }
      if bytes != Array(target.utf8) { report(path, .wrongTarget, String(decoding: bytes, as: UTF8.self)) }
    case (.file(let mode, let size, let digest), .file):
      let file = try system(path) { () throws(PosixError) in try root.open(path.string) }
      defer { try? file.close() }
      try check(file, path, status, mode: mode)
      if status.links > 1 { report(path, .hardLinked, "\(status.links) links") }
      if status.size != size {
        report(path, .wrongSize, "\(status.size), not \(size) bytes")
      } else if checkHashes, try file.digest(path, buffer: buffer).sha256 != digest {
        report(path, .wrongDigest)
      }
    default: report(path, .wrongType)
    }
    return false
  }

  private func check(_ file: FileDescriptor, _ path: EntryPath, _ status: FileStatus, mode: UInt32) throws(ArchiveError)
  {
    if UInt32(status.mode) != mode {
      report(path, .wrongMode, "\(TreeManifest.octal(UInt32(status.mode))), not \(TreeManifest.octal(mode))")
    }
    let attributes = try file.extendedAttributes(path)
    if !attributes.isEmpty { report(path, .extendedAttribute, attributes.joined(separator: ", ")) }
  }
}
