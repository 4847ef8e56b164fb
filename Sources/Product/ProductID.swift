/// The name of a product: 1 to 23 characters of `a-z`, `0-9` and `-`, a letter first.
///
/// "slipway-" and 23 characters fill the 31 that a Linux user name may have.
public struct ProductID: Hashable, Sendable, Codable, CustomStringConvertible, Comparable {
  public static let rule =
    "1 to 23 characters of a-z, 0-9 and '-', a letter first; not a TUF role name; not ending in '-rollout'"

  public let text: String

  /// - Throws: `.invalid`.
  public init(_ text: String) throws(ProductError) {
    guard ProductID.isValid(text) else {
      throw ProductError(.invalid, key: "id", value: text, allowed: ProductID.rule)
    }
    self.text = text
  }

  public var description: String { text }

  /// The role that signs the product's releases and policy.
  public var role: String { text }
  /// The role that signs the product's channels.
  public var rolloutRole: String { text + "-rollout" }
  /// The user that fetches.
  public var fetchUser: String { "slipway-" + text }

  public static func < (left: ProductID, right: ProductID) -> Bool { left.text < right.text }

  public init(from decoder: any Decoder) throws {
    self = try decoder.text { text throws(ProductError) in try ProductID(text) }
  }

  public func encode(to encoder: any Encoder) throws { try encoder.encode(text: text) }

  private static func isValid(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard let first = bytes.first, bytes.count <= 23, Letters.lower.contains(first) else { return false }
    guard bytes.allSatisfy({ Letters.lower.contains($0) || Letters.digits.contains($0) || $0 == Letters.hyphen })
    else { return false }
    return !["root", "targets", "snapshot", "timestamp"].contains(text) && !text.hasSuffix("-rollout")
  }
}
