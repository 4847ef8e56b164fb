import Glibc

/// A system call on a metadata file failed. Equal by operation and errno.
public struct FileError: Error, Equatable, Sendable, CustomStringConvertible {
  public let operation: String
  public let path: String
  public let errno: Int32

  init(_ operation: String, _ path: String, errno code: Int32 = Glibc.errno) {
    self.operation = operation
    self.path = path
    errno = code
  }

  public var description: String { "\(path): \(operation): \(String(cString: strerror(errno)))" }

  public static func == (one: FileError, other: FileError) -> Bool {
    one.operation == other.operation && one.errno == other.errno
  }
}
