/// Bounds on what a source can make the client do.
public struct Limits: Sendable, Equatable {
  /// New versions of root accepted in one run; the next run takes up where this one ended.
  public var rootRotations = 256
  /// Delegated roles looked at in one search.
  public var delegations = 32
  /// For a whole refresh, and for each search after it. A source must let itself be cancelled for this to hold.
  public var time: Duration = .seconds(600)
  /// Bytes of one file of each kind.
  public var root = 512_000
  public var timestamp = 16_384
  public var snapshot = 2_000_000
  public var targets = 5_000_000

  public init() {}
  public static let standard = Limits()
}
