import CPosix
import Glibc
import SystemPackage

/// A system call that failed: which one, on what, and why.
public struct PosixError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The system call or operation, such as `renameat2`.
  public let operation: String
  /// The path as the caller named it; for messages only.
  public let path: String
  /// `errno`, see errno(3).
  public let code: Int32

  public init(_ operation: String, _ path: String, code: Int32) {
    self.operation = operation
    self.path = path
    self.code = code
  }

  /// Captures `errno` as it stands now: call it directly after the failing system call.
  static func current(_ operation: String, _ path: String) -> PosixError {
    PosixError(operation, path, code: errno)
  }

  public static func == (a: PosixError, b: PosixError) -> Bool { a.code == b.code }

  public var isNotFound: Bool { code == ENOENT }
  public var isNoSpace: Bool { code == ENOSPC || code == EDQUOT }
  public var isDenied: Bool { code == EACCES || code == EPERM }
  public var isExisting: Bool { code == EEXIST }

  /// What a person can do about it, by errno(3).
  public var remedy: String {
    switch code {
    case ENOSPC, EDQUOT: "free some space on that file system, then try again"
    case EACCES, EPERM: "run it again with sudo, or as the owner of that path"
    case ENOENT: "check the path: something on the way to it is missing"
    case ELOOP: "a symbolic link stands there: put what it leads to in its place, or name that"
    case ENOTDIR: "a folder itself belongs there, neither a file nor a symbolic link: move away what stands there"
    case EISDIR, EINVAL: "something of another kind stands there: move it away, then try again"
    case EEXIST, ENOTEMPTY: "something stands there already: move it away, then try again"
    case EFBIG: "that file is too large to be what belongs there: look at what it is"
    case EROFS: "that file system can only be read: mount it writable, then try again"
    default: "check that file system (mounted, writable, not damaged), then try again"
    }
  }

  public var description: String {
    "\(path): \(operation) failed: \(Errno(rawValue: code))"
  }
}
