import CPosix
import Glibc
import SystemPackage

extension Directory {
  /// Removes `name` and everything below it; nothing of that name is no error. Links are removed, not followed; another
  /// file system mounted below stops the removal with EXDEV. Read-only directories are made writable on the way.
  public func removeTree(_ name: String) throws(PosixError) {
    let raw = Array(name.utf8CString)
    let device = try status().device
    try removeTree(raw, device: device)
  }

  private func removeTree(_ name: [CChar], device: UInt64) throws(PosixError) {
    let shown = named(String(decoding: name.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self))
    var s = Glibc.stat()
    guard fstatat(fd, name, &s, AT_SYMLINK_NOFOLLOW) == 0 else {
      if errno == ENOENT { return }
      throw .current("stat", shown)
    }
    let found = FileStatus(s)
    guard found.device == device else { throw PosixError("remove (another file system)", shown, code: EXDEV) }
    guard found.kind == .directory else {
      guard unlinkat(fd, name, 0) == 0 || errno == ENOENT else { throw .current("unlink", shown) }
      return
    }
    let opened = shim_openat(fd, name, O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0)
    guard opened >= 0 else { throw .current("open directory", shown) }
    let directory = Directory(owning: FileDescriptor(rawValue: opened), path: shown)
    if found.mode & 0o700 != 0o700 { try directory.changeMode(0o700) }
    try directory.forEachName { (child: UnsafePointer<CChar>) throws(PosixError) in
      try directory.removeTree(Array(UnsafeBufferPointer(start: child, count: strlen(child) + 1)), device: device)
    }
    guard unlinkat(fd, name, AT_REMOVEDIR) == 0 || errno == ENOENT else { throw .current("rmdir", shown) }
  }

  /// Bytes on disk and inodes of everything below `name`, links not followed.
  public func usage(of name: String) throws(PosixError) -> (bytes: Int64, inodes: Int64) {
    guard let found = try status(name) else { return (0, 0) }
    guard found.kind == .directory else { return (found.blocks * 512, 1) }
    let directory = try directory(name)
    var total = (bytes: found.blocks * 512, inodes: Int64(1))
    for child in try directory.names() {
      let below = try directory.usage(of: child)
      total = (total.bytes + below.bytes, total.inodes + below.inodes)
    }
    return total
  }
}
