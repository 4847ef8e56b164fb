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
  public var isExisting: Bool { code == EEXIST }

  public var description: String {
    "\(path): \(operation) failed: \(Errno(rawValue: code))"
  }
}
