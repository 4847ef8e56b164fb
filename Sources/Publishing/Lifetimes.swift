import Product
import TUF

/// How long freshly signed metadata is good for, in seconds by role.
public struct Lifetimes: Sendable, Equatable {
  private static let day: Int64 = 86_400
  private var seconds: [Kind: Int64]

  /// The roles that have a lifetime of their own.
  public enum Kind: String, Sendable, CaseIterable {
    case root, targets, product, rollout, snapshot, timestamp
  }

  /// Root, targets and product roles 13 months (of 30.5 days), rollout 90 days, snapshot 7 days, timestamp 1 day.
  public static let standard = Lifetimes(seconds: [
    .root: 396 * day, .targets: 396 * day, .product: 396 * day, .rollout: 90 * day, .snapshot: 7 * day,
    .timestamp: day,
  ])

  public subscript(_ kind: Kind) -> Int64 {
    get { seconds[kind] ?? Self.day }
    set { seconds[kind] = newValue }
  }

  /// Which lifetime a role of the repository has.
  static func kind(of role: String) -> Kind {
    switch TopLevelRole(rawValue: role) {
    case .root: .root
    case .targets: .targets
    case .snapshot: .snapshot
    case .timestamp: .timestamp
    case nil: role.hasSuffix("-rollout") ? .rollout : .product
    }
  }

  /// Seconds since 1970 at which `role`, signed `now`, expires.
  func expiry(of role: String, now: Int64) -> Int64 { now + self[Self.kind(of: role)] }
}
