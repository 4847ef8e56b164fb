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
  /// left out. The copy belongs to who makes it. Not durable before `synchronizeFileSystem`.
  ///
  /// - Throws: also ELOOP below ``deepestCopy`` folders, and EXDEV for another file system mounted below.
  public func copyTree(_ name: String, to other: Directory, as new: String) throws(PosixError) {
    try copy(name, to: other, as: new, depth: 0)
  }

  /// How much ``copyTree(_:to:as:)`` would copy.
  public func extent(of name: String) throws(PosixError) -> Extent {
    var extent = Extent()
    try measure(name, &extent, depth: 0)
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

  private func copy(_ name: String, to other: Directory, as new: String, depth: Int) throws(PosixError) {
    guard let found = try status(name) else { return }
    switch found.kind {
    case .file: try copyFile(name, found, to: other, as: new)
    case .link: try other.makeLink(new, to: try readLink(name) ?? "")
    case .directory:
      guard depth < Self.deepestCopy else { throw PosixError("copy (too deep)", named(name), code: ELOOP) }
      let from = try directory(name)
      let into = try other.makeDirectory(new, mode: 0o700)
      for child in try from.names() { try from.copy(child, to: into, as: child, depth: depth + 1) }
      try into.descriptor.takeOver(found, of: from.descriptor, path: from.path)
    case .other:
      // Nobody reads on at the end of a socket that has been copied; of the rest only a fifo is anybody's own.
      guard found.mode != 0, isFIFO(name) else { return }
      guard mkfifoat(other.fd, new, found.mode) == 0 else { throw .current("mkfifo", other.named(new)) }
    }
  }

  private func copyFile(_ name: String, _ found: FileStatus, to other: Directory, as new: String) throws(PosixError) {
    let from = try open(name)
    defer { try? from.close() }
    let into = try other.create(new, mode: 0o600)
    defer { try? into.close() }
    if !into.reflink(from: from) { try into.copyData(of: from, size: found.size, path: named(name)) }
    try into.takeOver(found, of: from, path: named(name))
  }

  private func measure(_ name: String, _ extent: inout Extent, depth: Int) throws(PosixError) {
    guard let found = try status(name) else { return }
    extent.inodes += 1
    extent.bytes += max(found.blocks * 512, 4096)
    guard found.kind == .directory, depth < Self.deepestCopy else { return }
    let folder = try directory(name)
    for child in try folder.names() { try folder.measure(child, &extent, depth: depth + 1) }
  }

  private func isFIFO(_ name: String) -> Bool {
    var s = Glibc.stat()
    return fstatat(fd, name, &s, AT_SYMLINK_NOFOLLOW) == 0 && s.st_mode & Glibc.S_IFMT == Glibc.S_IFIFO
  }
}

extension FileDescriptor {
  /// Gives this entry the mode, times and extended attributes of another.
  fileprivate func takeOver(_ found: FileStatus, of other: FileDescriptor, path: String) throws(PosixError) {
    guard shim_copy_user_attributes(other.rawValue, rawValue) == 0 else { throw .current("copy attributes", path) }
    var s = Glibc.stat()
    guard fchmod(rawValue, found.mode & 0o1777) == 0, fstat(other.rawValue, &s) == 0 else {
      throw .current("copy mode", path)
    }
    let times = [s.st_atim, s.st_mtim]
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
