import CPosix
import Glibc
import SystemPackage

/// An exclusive flock(2) on an open file or directory. The kernel gives it back when the holder ends, however it ends: no stale pid
/// file can lock a device for ever.
public struct FileLock: ~Copyable, Sendable {
  private let descriptor: FileDescriptor

  /// Takes the lock on `name` (made with mode 0600), waiting up to `patience` seconds; nil while somebody else holds it.
  public static func take(_ name: String, in directory: Directory, patience: Double = 0) throws(PosixError) -> FileLock?
  {
    try take(directory.append(to: name, mode: 0o600), directory.named(name), patience)
  }

  /// Takes the lock on a directory itself, which needs no right to write to it; nil while somebody else holds it.
  public static func take(_ directory: Directory) throws(PosixError) -> FileLock? {
    // Opened anew: a lock belongs to one opening.
    try take(directory.openConfined(".", flags: O_DIRECTORY), directory.path, 0)
  }

  private static func take(_ file: FileDescriptor, _ path: String, _ patience: Double) throws(PosixError) -> FileLock? {
    let clock = ContinuousClock()
    let deadline = clock.now + .milliseconds(Int64(patience * 1000))
    while flock(file.rawValue, LOCK_EX | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR else {
        let error = PosixError.current("flock", path)
        try? file.close()
        throw error
      }
      guard clock.now < deadline else {
        try? file.close()
        return nil
      }
      usleep(50_000)
    }
    return FileLock(descriptor: file)
  }

  private init(descriptor: FileDescriptor) { self.descriptor = descriptor }

  /// The lock that this process was handed when it was executed; see ``handOver()``.
  public init(handedOver descriptor: Int32) { self.init(descriptor: FileDescriptor(rawValue: descriptor)) }

  /// Lets the lock outlive execve(2): whoever is executed holds it, by this descriptor.
  public func handOver() -> Int32 {
    _ = fcntl(descriptor.rawValue, F_SETFD, 0)
    return descriptor.rawValue
  }

  deinit { try? descriptor.close() }
}
