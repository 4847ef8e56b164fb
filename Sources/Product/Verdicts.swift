/// A release that failed here while the one before it passed; it is not tried again.
public struct KnownBad: Hashable, Sendable, Codable {
  public let version: SemanticVersion
  /// SHA-256 of its tree manifest, in hex: a release packed anew under the same number is another release.
  public let tree: String

  public init(version: SemanticVersion, tree: String) {
    self.version = version
    self.tree = tree
  }
}

/// A release that failed here when the one before it failed as well, so that the cause may lie elsewhere.
public struct Inconclusive: Hashable, Sendable, Codable {
  public let version: SemanticVersion
  /// SHA-256 of its tree manifest, in hex.
  public let tree: String
  /// Attempts so far, at least 1.
  public let attempts: Int
  public let lastAttempt: Timestamp

  public init(version: SemanticVersion, tree: String, attempts: Int, lastAttempt: Timestamp) {
    self.version = version
    self.tree = tree
    self.attempts = attempts
    self.lastAttempt = lastAttempt
  }

  /// Pause after an attempt, in seconds: 1, 6, then 24 hours.
  public static func pauseSeconds(afterAttempts attempts: Int) -> Int64 {
    switch attempts {
    case ...1: 3_600
    case 2: 6 * 3_600
    default: 24 * 3_600
    }
  }

  public var retryAt: Timestamp {
    Timestamp(seconds: lastAttempt.seconds + Inconclusive.pauseSeconds(afterAttempts: attempts))
  }

  /// Whether it may be tried again; an attempt that seems to lie in the future was made under a wrong clock.
  public func isDue(at now: Timestamp) -> Bool { now >= retryAt || now < lastAttempt }
}
