/// Why an update, or a step of one, did not happen.
public struct UpdatingError: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Code: Sendable, Equatable {
    /// The new version failed; the old one runs.
    case failedRunningOld
    /// Going back failed; a person is needed.
    case rollbackFailed
    /// A first installation failed, or there is no version to go back to.
    case noWayBack
    /// Halted, blocked or known to be bad here.
    case refused
    /// The rollout role names what the offline role has not signed.
    case untrusted
    /// Busy, hold or window.
    case deferred
    /// No repository address is configured, or none answers.
    case unreachable
    /// The way to the repository is barred: no proxy decision, or no proxy that answers and lets it through.
    case proxy
    /// The new version's updater does not answer as it must.
    case updaterBroken
    /// The product, platform or version is not the one this device has.
    case wrongProduct
  }

  public let code: Code
  public let message: String
  public let remedy: String

  public init(_ code: Code, _ message: String, remedy: String) {
    self.code = code
    self.message = message
    self.remedy = remedy
  }

  public static func == (a: UpdatingError, b: UpdatingError) -> Bool { a.code == b.code }
  public var description: String { message }
}
