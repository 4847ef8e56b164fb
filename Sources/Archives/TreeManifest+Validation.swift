extension TreeManifest {
  /// One pass over entries that must already be sorted.
  static func check(_ entries: [Entry], specialModes: Set<EntryPath>) throws(ArchiveError) -> Totals {
    var directories: Set<EntryPath> = []
    var links: Set<EntryPath> = []
    var bytes: Int64 = 0
    var previous: EntryPath?
    var unused = specialModes
    for entry in entries {
      let path = entry.path
      if let previous, !(previous < path) {
        if previous == path { throw ArchiveError(.duplicate, path.string) }
        throw ArchiveError(.malformedManifest, path.string, "not in the order of bytes: it comes after \(previous)")
      }
      previous = path
      if let parent = path.parent, !directories.contains(parent) {
        if links.contains(parent) { throw ArchiveError(.belowLink, path.string) }
        throw ArchiveError(.missing, path.string, "its parent is not listed as a directory")
      }
      switch entry.kind {
      case .directory: directories.insert(path)
      case .link(let target):
        try path.checkTarget(target)
        links.insert(path)
      case .file(let mode, let size, _):
        try check(mode: mode, of: path, specialModes: specialModes)
        guard size >= 0 else { throw ArchiveError(.wrongSize, path.string, "\(size) bytes") }
        let (sum, overflow) = bytes.addingReportingOverflow(size)
        guard !overflow, sum <= maximumBytes else { throw ArchiveError(.tooLarge, path.string, "the tree's total") }
        bytes = sum
        unused.remove(path)
      }
    }
    if let path = unused.min() {
      throw ArchiveError(.missing, path.string, "specialModes lists it, but no file is there")
    }
    return Totals(bytes: bytes, inodes: Int64(entries.count))
  }

  /// 1 TiB: leaves room to add overheads without overflow.
  static let maximumBytes: Int64 = 1 << 40

  private static func check(mode: UInt32, of path: EntryPath, specialModes: Set<EntryPath>) throws(ArchiveError) {
    guard [0o444, 0o555].contains(mode & 0o1777), mode & ~0o7777 == 0 else {
      throw ArchiveError(.wrongMode, path.string, octal(mode))
    }
    guard mode & 0o6000 == 0 || specialModes.contains(path) else {
      throw ArchiveError(.specialMode, path.string, octal(mode))
    }
  }

  /// "0444".
  static func octal(_ mode: UInt32) -> String {
    let digits = String(mode, radix: 8)
    return String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
  }
}
