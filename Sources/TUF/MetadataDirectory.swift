import Glibc

/// An open directory whose files are reached by single-component names only.
struct MetadataDirectory: ~Copyable {
  private let descriptor: CInt
  private let path: String

  init(_ path: String) throws(FileError) {
    descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    self.path = path
    guard descriptor >= 0 else { throw FileError("open", path) }
  }

  deinit { close(descriptor) }

  /// The regular file `name`, not followed if it is a link; nil when it does not exist.
  func read(_ name: String, maximumLength: Int) throws -> [UInt8]? {
    let place = try place(name)
    let file = openat(descriptor, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard file >= 0 else {
      if errno == ENOENT { return nil }
      throw FileError("open", place)
    }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw FileError("stat", place) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw FileError("open", place, errno: EINVAL) }
    guard status.st_size <= maximumLength else { throw TUFError(.tooLong, "\(name): more than \(maximumLength) bytes") }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = Glibc.read(file, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw FileError("read", place) }
      if count == 0 { return bytes }
      guard bytes.count + count <= maximumLength else {
        throw TUFError(.tooLong, "\(name): more than \(maximumLength) bytes")
      }
      bytes += chunk[..<count]
    }
  }

  /// An flock(2) on the directory itself, so that no lock file stands among the metadata; nil while another holds it.
  func lock() throws(FileError) -> StoreLock? {
    // Opened anew: a lock belongs to one opening, and this one must outlive the other.
    let lock = StoreLock(descriptor: open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
    guard let descriptor = lock.descriptor, descriptor >= 0 else { throw FileError("open", path) }
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      if errno == EWOULDBLOCK { return nil }
      guard errno == EINTR else { throw FileError("flock", path) }
    }
    return lock
  }

  /// Removes what a client that was killed while writing has left. Only for who holds the lock.
  func removeUnfinished() throws(FileError) {
    let duplicate = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard duplicate >= 0, let entries = fdopendir(duplicate) else { throw FileError("open", path) }
    defer { closedir(entries) }
    while let entry = readdir(entries) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasSuffix(Self.unfinished) { clear(name) }
    }
  }

  /// What a file's name ends in until it is whole; no role's file name does.
  private static let unfinished = ".json.tmp"

  /// Temporary file, fsync, rename, fsync of the directory: after a power cut the old file is there or the new one. Without
  /// `durably`, and so without fsync, that holds for the end of a process, but not for a power cut.
  func replace(_ name: String, with bytes: [UInt8], durably: Bool) throws(FileError) {
    let place = try place(name)
    let temporary = name + ".tmp"
    clear(temporary)
    let file = openat(descriptor, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw FileError("create", place) }
    do throws(FileError) {
      defer { close(file) }
      try Self.write(bytes, to: file, place)
      guard !durably || fsync(file) == 0 else { throw FileError("fsync", place) }
    } catch {
      unlinkat(descriptor, temporary, 0)
      throw error
    }
    if renameat(descriptor, temporary, descriptor, name) != 0 {
      // A folder of that name, which nothing but a folder can take the place of.
      guard errno == EISDIR, unlinkat(descriptor, name, AT_REMOVEDIR) == 0,
        renameat(descriptor, temporary, descriptor, name) == 0
      else { throw FileError("rename", place) }
    }
    guard !durably || fsync(descriptor) == 0 else { throw FileError("fsync", path) }
  }

  func remove(_ name: String) throws(FileError) {
    let place = try place(name)
    guard clear(name) || errno == ENOENT else { throw FileError("unlink", place) }
    guard fsync(descriptor) == 0 else { throw FileError("fsync", path) }
  }

  /// Removes what has that name, an empty folder too.
  @discardableResult private func clear(_ name: String) -> Bool {
    unlinkat(descriptor, name, 0) == 0 || errno == EISDIR && unlinkat(descriptor, name, AT_REMOVEDIR) == 0
  }

  private static func write(_ bytes: [UInt8], to file: CInt, _ place: String) throws(FileError) {
    var offset = 0
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress?.advanced(by: offset), $0.count - offset) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw FileError("write", place) }
      offset += count
    }
  }

  private func place(_ name: String) throws(FileError) -> String {
    guard !name.isEmpty, name != ".", name != "..", !name.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 == 0 })
    else { throw FileError("open", path, errno: EINVAL) }
    return path + "/" + name
  }
}
