import Posix

/// Why something about the installation on this device could not be done.
public struct InstallationError: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Code: Sendable, Equatable {
    /// Another run holds the lock.
    case locked
    /// There is no such product on this device.
    case notInstalled
    /// A file of ours does not read as what it must be.
    case malformed
    /// An installed tree differs from its sealed manifest.
    case damaged
    /// Not enough free space for what was asked.
    case noSpace
    /// The file system refused.
    case fileSystem
    /// There is no version to go back to.
    case noWayBack
    /// A user or group could not be made.
    case account
  }

  public let code: Code
  /// What and where, in one sentence.
  public let message: String
  /// What to do about it.
  public let remedy: String

  public init(_ code: Code, _ message: String, remedy: String) {
    self.code = code
    self.message = message
    self.remedy = remedy
  }

  init(_ error: PosixError) {
    self.init(error.isNoSpace ? .noSpace : .fileSystem, error.description, remedy: error.remedy)
  }

  /// What mends an installation whose files are lost or changed.
  public static let installAnew = "run `slipway verify --repair`, or the product's Setup file again"

  public static func == (a: InstallationError, b: InstallationError) -> Bool { a.code == b.code }
  public var description: String { message }
}
