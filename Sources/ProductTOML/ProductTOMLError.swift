/// What is wrong with a file that a person wrote; two errors are equal when their codes are.
public struct ProductTOMLError: Error, Equatable, CustomStringConvertible {
  public enum Code: String, Sendable {
    /// Not TOML.
    case syntax
    /// A key that means nothing, most often a slip.
    case unknownKey
    case missingKey
    case wrongType
    /// The right type, but a value that no product can have.
    case invalidValue
    /// A file that the manifest names cannot be read.
    case unreadableFile
  }

  public let code: Code
  public let file: String
  /// Counted from 1; nil when the fault has no place in the text, such as an absent key at the top.
  public let line: Int?
  /// A path from the top: `services[0].probe.timeout`; empty for syntax errors.
  public let key: String
  /// What is wrong and what would be right.
  public let message: String

  public static func == (left: ProductTOMLError, right: ProductTOMLError) -> Bool { left.code == right.code }

  public var description: String {
    let place = line.map { "\(file):\($0)" } ?? file
    return key.isEmpty ? "\(place): \(message)" : "\(place): \(key): \(message)"
  }
}
