import CPosix
import Glibc
import SystemPackage

/// An open directory. Every call names things relative to its descriptor, so a folder that somebody swaps for a link
/// behind our back changes nothing.
public final class Directory: Sendable {
  public let descriptor: FileDescriptor
  /// How the directory was named when it was opened; for messages only.
  public let path: String

  init(owning descriptor: FileDescriptor, path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  deinit { try? descriptor.close() }

  var fd: Int32 { descriptor.rawValue }

  func named(_ name: String) -> String { name.isEmpty ? path : "\(path)/\(name)" }
  func named(raw name: [CChar]) -> String {
    named(String(decoding: name.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self))
  }

  /// Opens `path`; its last component must not be a symbolic link.
  public static func open(_ path: FilePath) throws(PosixError) -> Directory {
    let fd = path.withPlatformString { shim_openat(AT_FDCWD, $0, O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0) }
    guard fd >= 0 else { throw .current("open directory", path.string) }
    return Directory(owning: FileDescriptor(rawValue: fd), path: path.string)
  }

  /// Opens a directory below this one; no component may be a symbolic link, `..`, or another file system.
  public func directory(_ name: String) throws(PosixError) -> Directory {
    let descriptor = try openConfined(name, flags: O_DIRECTORY)
    return Directory(owning: descriptor, path: named(name))
  }

  /// Opens a directory of this user's own for all that may be done in it, whatever mode somebody has left it.
  public func ownDirectory(_ name: String) throws(PosixError) -> Directory {
    // Only the owner can be helped, and root is never refused: what follows a link here is the owner's own doing.
    if let found = try status(name), found.kind == .directory, found.mode & 0o700 != 0o700, geteuid() == found.user {
      // Not setuid and setgid, which RestrictSUIDSGID= lets nobody set.
      guard fchmodat(fd, name, found.mode & 0o1777 | 0o700, 0) == 0 else { throw .current("chmod", named(name)) }
    }
    return try directory(name)
  }

  /// The same by a path, whose last component must not be a symbolic link.
  public static func openOwn(_ path: FilePath) throws(PosixError) -> Directory {
    guard let name = path.lastComponent?.string else { return try open(path) }
    return try open(path.removingLastComponent()).ownDirectory(name)
  }

  /// Makes `name` unless it is there, and opens it. An existing directory keeps its mode.
  public func makeDirectory(_ name: String, mode: mode_t) throws(PosixError) -> Directory {
    if mkdirat(fd, name, mode) != 0 {
      guard errno == EEXIST else { throw .current("mkdir", named(name)) }
      return try directory(name)
    }
    let made = try directory(name)
    // mkdir(2) applies the umask; what is asked for here is what must be there.
    guard fchmod(made.fd, mode) == 0 else { throw .current("chmod", named(name)) }
    return made
  }

  /// The names in this directory, sorted by bytes, without `.` and `..`. A name that is not UTF-8 is an error.
  public func names() throws(PosixError) -> [String] {
    var names: [String] = []
    var undecodable = false
    try forEachName { raw in
      if let name = String(validatingCString: raw) { names.append(name) } else { undecodable = true }
    }
    guard !undecodable else { throw PosixError("read directory (a name is not UTF-8)", path, code: EILSEQ) }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Calls `body` with each raw name. The names are gathered first, so `body` may remove them.
  func forEachName(_ body: (UnsafePointer<CChar>) throws(PosixError) -> Void) throws(PosixError) {
    let copy = shim_openat(fd, ".", O_DIRECTORY | O_CLOEXEC, 0)
    guard copy >= 0, let stream = fdopendir(copy) else { throw .current("open directory", path) }
    defer { closedir(stream) }
    var found: [[CChar]] = []
    errno = 0
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) {
          Array(UnsafeBufferPointer(start: $0, count: strlen($0) + 1))
        }
      }
      if name != [46, 0] && name != [46, 46, 0] { found.append(name) }
      errno = 0
    }
    guard errno == 0 else { throw .current("read directory", path) }
    for name in found { try body(name) }
  }

  /// What `name` is, or nil where there is nothing of that name.
  public func status(_ name: String) throws(PosixError) -> FileStatus? {
    var s = Glibc.stat()
    if fstatat(fd, name, &s, AT_SYMLINK_NOFOLLOW) == 0 { return FileStatus(s) }
    guard errno == ENOENT || errno == ENOTDIR else { throw .current("stat", named(name)) }
    return nil
  }

  /// What this directory itself is.
  public func status() throws(PosixError) -> FileStatus { try descriptor.status(path) }

  /// Whether this process may make files here: not on a medium that is mounted read-only, for root neither.
  public var isWritable: Bool { faccessat(fd, ".", W_OK, AT_EACCESS) == 0 }

  public func changeMode(_ mode: mode_t) throws(PosixError) {
    guard fchmod(fd, mode) == 0 else { throw .current("chmod", path) }
  }

  public func changeOwner(user: uid_t, group: gid_t) throws(PosixError) {
    guard fchown(fd, user, group) == 0 else { throw .current("chown", path) }
  }

  /// Flushes the directory's own entries (which names exist) to the disk.
  public func synchronize() throws(PosixError) {
    guard fsync(fd) == 0 else { throw .current("fsync", path) }
  }

  /// Flushes everything of the file system that this directory is on: one call instead of one fsync a file.
  public func synchronizeFileSystem() throws(PosixError) {
    guard shim_syncfs(fd) == 0 else { throw .current("syncfs", path) }
  }

  /// Free space for unprivileged callers, in bytes, free inodes (`Int64.max` where the file system does not count), and
  /// the device's number, which folders of one file system share.
  public func freeSpace() throws(PosixError) -> (bytes: Int64, inodes: Int64, device: UInt64) {
    var s = Glibc.statvfs()
    guard fstatvfs(fd, &s) == 0 else { throw .current("statvfs", path) }
    var own = Glibc.stat()
    guard fstat(fd, &own) == 0 else { throw .current("fstat", path) }
    return (Int64(s.f_bavail) * Int64(s.f_frsize), s.f_files == 0 ? .max : Int64(s.f_favail), UInt64(own.st_dev))
  }
}
