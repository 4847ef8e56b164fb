import Glibc
import Posix
import SystemPackage

extension TargetFolder {
  /// O_TMPFILE of <asm-generic/fcntl.h>, a macro that Swift does not see.
  private static let unnamed = 0o20_000_000 | O_DIRECTORY

  /// A file in this folder that has no name yet and is gone if we are: O_TMPFILE of open(2).
  func unnamedFile() throws -> FileDescriptor {
    let file = openat(directory.descriptor.rawValue, ".", Self.unnamed | O_RDWR | O_CLOEXEC, 0o644)
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
