import Proxies

/// What is wrong with a product's description, a policy, a channel or a version; two errors are equal when their codes are.
public struct ProductError: Error, Equatable, CustomStringConvertible {
  public enum Code: String, Sendable {
    /// The bytes are not the document they claim to be.
    case malformed
    /// A value breaks a rule that is known without looking at the disk.
    case invalid
    /// The document needs something that this program does not know: another schema, or a key named in `requires`.
    case unsupported
    /// The document speaks of another product, platform, channel or version than the device's.
    case wrongProduct
  }

  public let code: Code
  /// The key that is wrong, as a path from the document's root: `services[0].probe.http.url`.
  public let key: String
  /// The value found, as text; without user and password where it is an address.
  public let value: String
  /// What would have been right.
  public let allowed: String

  public init(_ code: Code, key: String, value: String, allowed: String) {
    self.code = code
    self.key = key
    self.value = value.withoutUserinfo()
    self.allowed = allowed
  }

  public static func == (left: ProductError, right: ProductError) -> Bool { left.code == right.code }

  public var description: String {
    let place = key.isEmpty ? "" : "\(key): "
    return "\(place)'\(value)' is not accepted: \(allowed)"
  }
}
