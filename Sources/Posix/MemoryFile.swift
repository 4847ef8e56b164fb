import CPosix
import Glibc
import SystemPackage

/// A file without a name, in memory: nobody else finds it, no file system can be mounted noexec around it, and nothing is
/// left when this process and those that inherit it have ended (memfd_create(2)).
public enum MemoryFile {
  /// - Parameter write: fills it; after that nobody changes it any more.
  /// - Returns: open, and inherited by programs that are started.
  public static func make(_ name: String, _ write: (FileDescriptor) throws -> Void) throws -> FileDescriptor {
    let fd = shim_memory_file(name)
    guard fd >= 0 else { throw PosixError.current("memfd_create", name) }
    let file = FileDescriptor(rawValue: fd)
    do {
      try write(file)
      guard shim_seal(fd) == 0 else { throw PosixError.current("seal", name) }
      return file
    } catch {
      try? file.close()
      throw error
    }
  }
}
