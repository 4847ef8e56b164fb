import CPosix
import Glibc
import SystemPackage

extension Directory {
  /// What a copy of a tree takes: bytes on the disk, and entries.
  public struct Extent: Sendable, Equatable {
    public var bytes: Int64 = 0
    public var inodes: Int64 = 0
  }

  /// Copies `name` and all below it to a new `new` in `other`: files (shared where the file system can, holes kept), folders,
  /// symbolic links as they are, fifos; modes, times and the user's extended attributes. What is a socket or a device is
  /// left out. Names need not be UTF-8. The copy belongs to who makes it. Not durable before `synchronizeFileSystem`.
  ///
  /// - Throws: also ELOOP below ``deepestCopy`` folders, and EXDEV for another file system mounted below.
  public func copyTree(_ name: String, to other: Directory, as new: String) throws(PosixError) {
    try copy(Array(name.utf8CString), to: other, as: Array(new.utf8CString), depth: 0)
  }

  /// How much ``copyTree(_:to:as:)`` would copy.
  public func extent(of name: String) throws(PosixError) -> Extent {
    var extent = Extent()
    try measure(Array(name.utf8CString), &extent, depth: 0)
    return extent
  }

  /// Whether files of this file system can share their data: tried with one of a block.
  public func sharesData() throws(PosixError) -> Bool {
    let names = (".share.1", ".share.2")
    try removeTree(names.0)
    try removeTree(names.1)
    let (one, other) = (try create(names.0, mode: 0o600), try create(names.1, mode: 0o600))
    defer {
      try? one.close()
      try? other.close()
    }
    try one.writeFully([UInt8](repeating: 1, count: 4096), path: named(names.0))
    let shares = other.reflink(from: one)
    try unlink(names.0)
    try unlink(names.1)
    return shares
  }

  /// Folders within folders that are copied.
  public static let deepestCopy = 100

  private func copy(_ name: [CChar], to other: Directory, as new: [CChar], depth: Int) throws(PosixError) {
    var s = Glibc.stat()
    guard try rawStatus(name, &s) else { return }
    switch s.st_mode & Glibc.S_IFMT {
    case Glibc.S_IFREG: try copyFile(name, s, to: other, as: new)
    case Glibc.S_IFLNK: try copyLink(name, to: other, as: new)
    case Glibc.S_IFDIR:
      guard depth < Self.deepestCopy else { throw PosixError("copy (too deep)", named(raw: name), code: ELOOP) }
      let from = try folder(name)
      guard mkdirat(other.fd, new, 0o700) == 0 else { throw .current("mkdir", other.named(raw: new)) }
      let into = try other.folder(new)
      try from.forEachName { (child: UnsafePointer<CChar>) throws(PosixError) in
        let child = Array(UnsafeBufferPointer(start: child, count: strlen(child) + 1))
        try from.copy(child, to: into, as: child, depth: depth + 1)
      }
      try into.descriptor.takeOver(s, of: from.descriptor, path: from.path)
    case Glibc.S_IFIFO:
      guard mkfifoat(other.fd, new, s.st_mode & 0o777) == 0 else { throw .current("mkfifo", other.named(raw: new)) }
    // Nobody reads on at the end of a socket that has been copied; a device is nobody's own.
    default: break
    }
  }

  private func copyFile(_ name: [CChar], _ found: Glibc.stat, to other: Directory, as new: [CChar]) throws(PosixError) {
    let from = try openConfined(name, flags: O_RDONLY | O_NONBLOCK | O_NOCTTY)
    defer { try? from.close() }
    let into = try other.openConfined(new, flags: O_RDWR | O_CREAT | O_EXCL, mode: 0o600)
    defer { try? into.close() }
    let shown = named(raw: name)
    if !into.reflink(from: from) { try into.copyData(of: from, size: Int64(found.st_size), path: shown) }
    try into.takeOver(found, of: from, path: shown)
  }

  private func copyLink(_ name: [CChar], to other: Directory, as new: [CChar]) throws(PosixError) {
    var target = [CChar](repeating: 0, count: 4097)
    guard readlinkat(fd, name, &target, 4096) >= 0 else { throw .current("readlink", named(raw: name)) }
    guard symlinkat(target, other.fd, new) == 0 else { throw .current("symlink", other.named(raw: new)) }
  }

  private func measure(_ name: [CChar], _ extent: inout Extent, depth: Int) throws(PosixError) {
    var s = Glibc.stat()
    guard try rawStatus(name, &s) else { return }
    extent.inodes += 1
    extent.bytes += max(Int64(s.st_blocks) * 512, 4096)
    guard s.st_mode & Glibc.S_IFMT == Glibc.S_IFDIR, depth < Self.deepestCopy else { return }
    let folder = try folder(name)
    try folder.forEachName { (child: UnsafePointer<CChar>) throws(PosixError) in
      let child = Array(UnsafeBufferPointer(start: child, count: strlen(child) + 1))
      try folder.measure(child, &extent, depth: depth + 1)
    }
  }

  /// False where there is nothing of that name.
  private func rawStatus(_ name: [CChar], _ s: inout Glibc.stat) throws(PosixError) -> Bool {
    if fstatat(fd, name, &s, AT_SYMLINK_NOFOLLOW) == 0 { return true }
    guard errno == ENOENT else { throw .current("stat", named(raw: name)) }
    return false
  }

  private func folder(_ name: [CChar]) throws(PosixError) -> Directory {
    Directory(owning: try openConfined(name, flags: O_DIRECTORY), path: named(raw: name))
  }
}

extension FileDescriptor {
  /// Gives this entry the mode, times and extended attributes of another.
  fileprivate func takeOver(_ found: Glibc.stat, of other: FileDescriptor, path: String) throws(PosixError) {
    guard shim_copy_user_attributes(other.rawValue, rawValue) == 0 else { throw .current("copy attributes", path) }
    guard fchmod(rawValue, found.st_mode & 0o1777) == 0 else { throw .current("copy mode", path) }
    let times = [found.st_atim, found.st_mtim]
    guard futimens(rawValue, times) == 0 else { throw .current("copy times", path) }
  }

  /// Copies what is not a hole.
  fileprivate func copyData(of source: FileDescriptor, size: Int64, path: String) throws(PosixError) {
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    var offset: Int64 = 0
    while true {
      let data = Glibc.lseek(source.rawValue, off_t(offset), SEEK_DATA)
      if data < 0, errno == ENXIO { break }
      // A file system that knows of no holes: everything is data.
      let start = data < 0 ? offset : Int64(data)
      let hole = data < 0 ? -1 : Glibc.lseek(source.rawValue, off_t(start), SEEK_HOLE)
      let end = hole < 0 ? Int64.max : Int64(hole)
      offset = try copy(source, from: start, to: end, &buffer, path)
      if hole < 0 || offset < end { break }
    }
    guard ftruncate(rawValue, off_t(max(size, offset))) == 0 else { throw .current("truncate", path) }
  }

  /// - Returns: where it ended.
  private func copy(
    _ source: FileDescriptor, from start: Int64, to end: Int64, _ buffer: inout [UInt8], _ path: String
  ) throws(PosixError) -> Int64 {
    var offset = start
    while offset < end {
      let wanted = Int(min(Int64(buffer.count), end - offset))
      let count = Glibc.pread(source.rawValue, &buffer, wanted, off_t(offset))
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .current("read", path) }
      if count == 0 { return offset }
      var done = 0
      while done < count {
        let written = buffer.withUnsafeBytes {
          Glibc.pwrite(rawValue, $0.baseAddress?.advanced(by: done), count - done, off_t(offset) + off_t(done))
        }
        if written < 0, errno == EINTR { continue }
        guard written >= 0 else { throw .current("write", path) }
        done += written
      }
      offset += Int64(count)
    }
    return offset
  }
}
