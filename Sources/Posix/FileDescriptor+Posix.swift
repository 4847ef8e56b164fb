import CPosix
import Glibc
import SystemPackage

extension FileDescriptor {
  /// Opens what a person named, or a file of this process's own, for reading; links are followed.
  public static func reading(_ path: FilePath) throws(PosixError) -> FileDescriptor {
    let opened = path.withPlatformString { shim_openat(AT_FDCWD, $0, O_RDONLY | O_CLOEXEC | O_NOCTTY, 0) }
    guard opened >= 0 else { throw .current("open", path.string) }
    return FileDescriptor(rawValue: opened)
  }

  /// The same for files alone: what nobody writes to, or never ends, is not waited for.
  public static func readingFile(_ path: FilePath) throws(PosixError) -> FileDescriptor {
    let opened = path.withPlatformString {
      shim_openat(AT_FDCWD, $0, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0)
    }
    guard opened >= 0 else { throw .current("open", path.string) }
    let descriptor = FileDescriptor(rawValue: opened)
    guard (try? descriptor.status(path.string))?.kind == .file else {
      try? descriptor.close()
      throw PosixError("open (no regular file)", path.string, code: EINVAL)
    }
    return descriptor
  }

  /// What the open file is. `path` is for the message only.
  public func status(_ path: String) throws(PosixError) -> FileStatus {
    var s = Glibc.stat()
    guard fstat(rawValue, &s) == 0 else { throw .current("fstat", path) }
    return FileStatus(s)
  }

  /// Everything from the current position to the end; more than `limit` bytes is an error (EFBIG).
  public func readAll(limit: Int, path: String) throws(PosixError) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: min(max(limit, 1), 1 << 16))
    while true {
      let count = buffer.withUnsafeMutableBytes { Glibc.read(rawValue, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw .current("read", path) }
      if count == 0 { return bytes }
      bytes.append(contentsOf: buffer.prefix(count))
      guard bytes.count <= limit else { throw PosixError("read (larger than \(limit) bytes)", path, code: EFBIG) }
    }
  }

  /// Reads exactly as much as is there at `offset`, up to the size of `buffer`; 0 at the end of the file.
  public func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer, path: String) throws(PosixError) -> Int
  {
    while true {
      let count = Glibc.pread(rawValue, buffer.baseAddress, buffer.count, off_t(offset))
      if count >= 0 { return count }
      guard errno == EINTR else { throw .current("read", path) }
    }
  }

  /// Writes all of `bytes`, however often write(2) is short.
  public func writeFully(_ bytes: UnsafeRawBufferPointer, path: String) throws(PosixError) {
    var done = 0
    while done < bytes.count {
      let count = Glibc.write(rawValue, bytes.baseAddress?.advanced(by: done), bytes.count - done)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw .current("write", path) }
      done += count
    }
  }

  public func writeFully(_ bytes: [UInt8], path: String) throws(PosixError) {
    // Array's withUnsafeBytes rethrows untyped: the error travels as a value.
    let failure: PosixError? = bytes.withUnsafeBytes { raw in
      do throws(PosixError) {
        try writeFully(raw, path: path)
        return nil
      } catch { return error }
    }
    if let failure { throw failure }
  }

  /// Flushes data and metadata to the disk.
  public func synchronize(_ path: String) throws(PosixError) {
    guard fsync(rawValue) == 0 else { throw .current("fsync", path) }
  }

  /// Makes this (empty) file share the data of `source` where the file system can. False: it cannot; nothing was done.
  public func reflink(from source: FileDescriptor) -> Bool { shim_ficlone(rawValue, source.rawValue) == 0 }
}
