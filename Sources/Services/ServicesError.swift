/// What went wrong between Slipway and the services it looks after; equal by code.
public struct ServicesError: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Code: String, Sendable, Codable {
    /// A value that cannot be written into a unit, or a message that makes no sense.
    case malformed
    /// Nobody knows a unit of this name.
    case noSuchUnit
    /// A missing permission, or another supervisor, stands against it.
    case refused
    /// systemd or the supervisor does not answer.
    case unreachable
    /// There is no systemd to ask, and no `slipway run`.
    case unsupervised
    /// It took longer than it may.
    case timedOut
    /// A process could not be started.
    case spawn
    /// An account is missing from the passwd file.
    case account
    /// The command ran and failed.
    case failed
  }

  public let code: Code
  /// What was tried, and what the other side said.
  public let message: String
  /// What to do about it, where there is more to say than to look into the journal.
  public let remedy: String?

  public init(_ code: Code, _ message: String, remedy: String? = nil) {
    self.code = code
    self.message = message
    self.remedy = remedy
  }

  public static func == (a: ServicesError, b: ServicesError) -> Bool { a.code == b.code }

  public var description: String { message }
}
