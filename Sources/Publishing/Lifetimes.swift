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

  /// The longest lifetime, in seconds, of a role that others propose: twice its own. Longer, and a key that was stolen, or
  /// what it signed, would outlast every plan to replace it.
  func longest(of role: String) -> Int64 { 2 * self[Self.kind(of: role)] }

  /// Whom `role`, once it has expired, keeps from updates; in words.
  public static func loss(of role: String) -> String {
    let product: Substring
    switch kind(of: role) {
    case .product: product = role[...]
    case .rollout: product = role.dropLast("-rollout".count)
    case .root, .targets, .snapshot, .timestamp: return "no device takes any update until it is signed again"
    }
    return "devices with \(product) take no update until it is signed again"
  }

  /// Seconds since 1970 at which `role`, signed `now`, expires.
  func expiry(of role: String, now: Int64) -> Int64 { now + self[Self.kind(of: role)] }
}
