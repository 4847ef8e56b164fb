import CPosix
import Glibc
import SystemPackage

extension Directory {
  /// Removes `name` and everything below it; nothing of that name is no error. Links are removed, not followed; another
  /// file system mounted below stops the removal with EXDEV. Read-only directories are made writable on the way.
  public func removeTree(_ name: String) throws(PosixError) {
    var removal = Removal(device: try status().device)
    try removeTree(Array(name.utf8CString), &removal)
  }

  /// Folders this deep are moved up to the top of the tree that is being removed, and removed from there: whoever may
  /// write below could else nest them until there are no descriptors left, or no stack.
  private static let deepest = 32

  private struct Removal {
    let device: UInt64
    var depth = 0
    var top: Directory?
    /// How many folders were moved up; the number gives the next one's name.
    var moved = 0
  }

  private func removeTree(_ name: [CChar], _ removal: inout Removal) throws(PosixError) {
    let shown = named(raw: name)
    var s = Glibc.stat()
    guard fstatat(fd, name, &s, AT_SYMLINK_NOFOLLOW) == 0 else {
      if errno == ENOENT { return }
      throw .current("stat", shown)
    }
    let found = FileStatus(s)
    guard found.device == removal.device else {
      throw PosixError("remove (another file system)", shown, code: EXDEV)
    }
    guard found.kind == .directory else {
      guard unlinkat(fd, name, 0) == 0 || errno == ENOENT else { throw .current("unlink", shown) }
      return
    }
    var opened = shim_openat(fd, name, O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0)
    // Never for root; for an owner one who cannot even read it.
    if opened < 0, errno == EACCES, fchmodat(fd, name, 0o700, 0) == 0 {
      opened = shim_openat(fd, name, O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0)
    }
    guard opened >= 0 else { throw .current("open directory", shown) }
    let directory = Directory(owning: FileDescriptor(rawValue: opened), path: shown)
    if found.mode & 0o700 != 0o700 { try directory.changeMode(0o700) }
    if removal.depth >= Self.deepest, let top = removal.top { return try moveUp(name, shown, to: top, &removal) }
    if removal.depth == 0 { removal.top = directory }
    removal.depth += 1
    var before: Int
    repeat {
      before = removal.moved
      try directory.forEachName { (child: UnsafePointer<CChar>) throws(PosixError) in
        try directory.removeTree(Array(UnsafeBufferPointer(start: child, count: strlen(child) + 1)), &removal)
      }
      // At the top the moved ones are among what is there now; below it they are gone from here.
    } while removal.depth == 1 && removal.moved != before
    removal.depth -= 1
    guard unlinkat(fd, name, AT_REMOVEDIR) == 0 || errno == ENOENT else { throw .current("rmdir", shown) }
  }

  private func moveUp(_ name: [CChar], _ shown: String, to top: Directory, _ removal: inout Removal) throws(PosixError)
  {
    repeat {
      removal.moved += 1
      if shim_renameat2(fd, name, top.fd, "moved-\(removal.moved)", shim_RENAME_NOREPLACE) == 0 { return }
    } while errno == EEXIST
    throw .current("rename", shown)
  }
}
