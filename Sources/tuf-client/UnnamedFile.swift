import Glibc
import Posix
import SystemPackage

extension TargetFolder {
  /// A file in this folder that has no name yet and is gone if we are: O_TMPFILE of open(2).
  func unnamedFile() throws -> FileDescriptor {
    let file = openat(directory.descriptor.rawValue, ".", __O_TMPFILE | O_RDWR | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw PosixError("open an unnamed file", directory.path, code: errno) }
    return FileDescriptor(rawValue: file)
  }

  /// Gives an unnamed file its name, in place of what is there.
  func link(_ file: FileDescriptor, as name: String) throws {
    // linkat(2) replaces nothing, so the whole file takes a passing name first.
    let passing = ".\(getpid()).new"
    let folder = directory.descriptor.rawValue
    guard linkat(AT_FDCWD, "/proc/self/fd/\(file.rawValue)", folder, passing, AT_SYMLINK_FOLLOW) == 0 else {
      throw PosixError("link", "\(directory.path)/\(name)", code: errno)
    }
    do {
      try directory.rename(passing, to: directory, as: name)
    } catch {
      try? directory.unlink(passing)
      throw error
    }
    try directory.synchronize()
  }
}
