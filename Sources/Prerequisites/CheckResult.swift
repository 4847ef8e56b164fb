/// The outcome of one check.
public struct CheckResult: Sendable, Equatable, Codable {
  public enum Verdict: String, Sendable, Codable {
    case pass, fail
    /// Not as it should be, and no obstacle: the remedy says what to do about it.
    case warning
    /// Left out by `--skip`.
    case skipped
    /// Nothing was looked at; the reason says why. Not a failure, but for a required check, which then fails.
    case notChecked
  }

  public let id: Check
  /// Whether `--skip` may not leave it out.
  public let required: Bool
  public let verdict: Verdict
  /// What was found, for people; one line.
  public let reason: String
  /// What to do about it; empty unless the check failed or warns.
  public let remedy: String
  /// Of the check `network`: every address and what came of it.
  public let endpoints: [EndpointReport]?

  public init(
    id: Check, required: Bool, verdict: Verdict, reason: String, remedy: String = "",
    endpoints: [EndpointReport]? = nil
  ) {
    self.id = id
    self.required = required
    self.verdict = verdict
    self.reason = reason
    self.remedy = remedy
    self.endpoints = endpoints
  }
}
