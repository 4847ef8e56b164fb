import Glibc
import Posix
import SystemPackage

extension PartialFile {
  static func recordPath(of path: FilePath) -> FilePath {
    FilePath("\(path.string).resume")
  }

  /// nil where there is none or it cannot be understood.
  static func readRecord(of path: FilePath) throws(PosixError) -> ResumeRecord? {
    let record = recordPath(of: path)
    let file: FileDescriptor
    do { file = try open(record, O_RDONLY) } catch {
      if error.isNotFound { return nil }
      throw error
    }
    defer { try? file.close() }
    guard let bytes = try? file.readAll(limit: ResumeRecord.maximumLength, path: record.string) else { return nil }
    return ResumeRecord(parsing: bytes)
  }

  /// Durable: written aside, flushed, renamed, the folder flushed.
  static func write(_ bytes: [UInt8], recordOf path: FilePath) throws(PosixError) {
    let record = recordPath(of: path)
    let temporary = FilePath("\(record.string).new")
    let file = try open(temporary, O_WRONLY | O_CREAT | O_TRUNC)
    do {
      defer { try? file.close() }
      try file.writeFully(bytes, path: temporary.string)
      try file.synchronize(temporary.string)
    } catch {
      _ = unlink(temporary.string)
      throw error
    }
    guard rename(temporary.string, record.string) == 0 else {
      throw PosixError("rename", temporary.string, code: errno)
    }
    try synchronizeFolder(of: path)
  }

  static func removeRecord(of path: FilePath) throws(PosixError) {
    let record = recordPath(of: path)
    guard unlink(record.string) == 0 || errno == ENOENT else {
      throw PosixError("unlink", record.string, code: errno)
    }
  }

  static func synchronizeFolder(of path: FilePath) throws(PosixError) {
    let parent = path.removingLastComponent()
    let folder = try open(parent.isEmpty ? "." : parent, O_RDONLY | O_DIRECTORY)
    defer { try? folder.close() }
    try folder.synchronize(parent.string)
  }

  /// Follows no link in the last component and does not wait for a fifo's other end.
  static func open(_ path: FilePath, _ flags: Int32) throws(PosixError) -> FileDescriptor {
    let opened = Glibc.open(path.string, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0o644)
    guard opened >= 0 else { throw PosixError("open", path.string, code: errno) }
    return FileDescriptor(rawValue: opened)
  }
}
