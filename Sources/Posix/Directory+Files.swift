import CPosix
import Glibc
import SystemPackage

extension Directory {
  /// Opens below this directory by openat2(2): no symbolic link, no `..` out of it, no other file system.
  func openConfined(_ name: String, flags: Int32, mode: mode_t = 0) throws(PosixError) -> FileDescriptor {
    try openConfined(Array(name.utf8CString), flags: flags, mode: mode)
  }

  /// The same by a name that need not be UTF-8.
  func openConfined(_ name: [CChar], flags: Int32, mode: mode_t = 0) throws(PosixError) -> FileDescriptor {
    let resolve = shim_RESOLVE_BENEATH | shim_RESOLVE_NO_SYMLINKS | shim_RESOLVE_NO_XDEV | shim_RESOLVE_NO_MAGICLINKS
    var opened = shim_openat2(fd, name, UInt64(flags | O_CLOEXEC), UInt64(mode), resolve)
    if opened < 0, errno == ENOSYS, !name.contains(CChar(bitPattern: UInt8(ascii: "/"))), name != [46, 46, 0] {
      // systemd's RestrictSUIDSGID= (fetch's sandbox) hides openat2; for a single name openat(2) confines as well.
      opened = shim_openat(fd, name, flags | O_CLOEXEC | O_NOFOLLOW, mode)
    }
    guard opened >= 0 else { throw .current("open", named(raw: name)) }
    return FileDescriptor(rawValue: opened)
  }

  /// Opens a file for reading, confined as ``directory(_:)`` is. A fifo does not block; it is for the caller to look at
  /// the kind of what was opened.
  public func open(_ name: String) throws(PosixError) -> FileDescriptor {
    try openConfined(name, flags: O_RDONLY | O_NONBLOCK | O_NOCTTY)
  }

  /// Creates a new file and opens it for reading and writing; something of that name is an error (EEXIST).
  public func create(_ name: String, mode: mode_t) throws(PosixError) -> FileDescriptor {
    let created = try openConfined(name, flags: O_RDWR | O_CREAT | O_EXCL, mode: mode)
    guard fchmod(created.rawValue, mode) == 0 else {
      let error = PosixError.current("chmod", named(name))
      try? created.close()
      throw error
    }
    return created
  }

  /// Opens a file for appending, made with `mode` where there is none.
  public func append(to name: String, mode: mode_t) throws(PosixError) -> FileDescriptor {
    try openConfined(name, flags: O_WRONLY | O_CREAT | O_APPEND, mode: mode)
  }

  /// The whole of a regular file of at most `limit` bytes; nil where there is nothing of that name.
  public func read(_ name: String, limit: Int) throws(PosixError) -> [UInt8]? {
    guard try status(name) != nil else { return nil }
    let file = try open(name)
    defer { try? file.close() }
    guard try file.status(named(name)).kind == .file else {
      throw PosixError("read (not a file)", named(name), code: EINVAL)
    }
    return try file.readAll(limit: limit, path: named(name))
  }

  public func rename(_ name: String, to other: Directory, as new: String) throws(PosixError) {
    guard renameat(fd, name, other.fd, new) == 0 else { throw .current("rename", named(name)) }
  }

  /// Renames only if nothing has the new name (EEXIST otherwise).
  public func renameExclusively(_ name: String, to other: Directory, as new: String) throws(PosixError) {
    guard shim_renameat2(fd, name, other.fd, new, shim_RENAME_NOREPLACE) == 0 else {
      throw .current("rename", named(name))
    }
  }

  /// Swaps what two names stand for, by one step: at any moment both are there.
  public func exchange(_ name: String, with other: String) throws(PosixError) {
    guard shim_renameat2(fd, name, fd, other, shim_RENAME_EXCHANGE) == 0 else {
      throw .current("exchange", named(name))
    }
  }

  /// Moves what stands in the place of a file of ours, and is none that we wrote, to `NAME.corrupt`; what was moved there
  /// before is removed. Nothing of that name is no error.
  public func setAside(_ name: String) throws(PosixError) {
    guard try status(name) != nil else { return }
    try removeTree("\(name).corrupt")
    try rename(name, to: self, as: "\(name).corrupt")
    try synchronize()
  }

  public func unlink(_ name: String) throws(PosixError) {
    guard unlinkat(fd, name, 0) == 0 else { throw .current("unlink", named(name)) }
  }

  public func removeDirectory(_ name: String) throws(PosixError) {
    guard unlinkat(fd, name, AT_REMOVEDIR) == 0 else { throw .current("rmdir", named(name)) }
  }

  public func makeLink(_ name: String, to target: String) throws(PosixError) {
    guard symlinkat(target, fd, name) == 0 else { throw .current("symlink", named(name)) }
  }

  /// The target of a symbolic link; nil where there is nothing of that name, EINVAL where it is not a link.
  public func readLink(_ name: String) throws(PosixError) -> String? {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = buffer.withUnsafeMutableBytes { raw in
      raw.bindMemory(to: CChar.self).baseAddress.map { readlinkat(fd, name, $0, raw.count) } ?? -1
    }
    if count >= 0 { return String(decoding: buffer.prefix(count), as: UTF8.self) }
    guard errno == ENOENT else { throw .current("readlink", named(name)) }
    return nil
  }

  /// Points the link `name` at `target` by one rename: a reader sees the old target or the new one, never nothing.
  /// Durable when it returns. Refuses to replace anything that is not a link.
  public func switchLink(_ name: String, to target: String) throws(PosixError) {
    if let there = try status(name), there.kind != .link {
      throw PosixError("switch (it is not a link)", named(name), code: EINVAL)
    }
    let temporary = ".\(name).new"
    if try status(temporary) != nil { try unlink(temporary) }
    try makeLink(temporary, to: target)
    try rename(temporary, to: self, as: name)
    try synchronize()
  }
}
