/// One way in which a directory is not what its manifest says.
public struct TreeDifference: Sendable, Equatable, CustomStringConvertible {
  public enum Kind: String, Sendable, CaseIterable {
    case missing, unexpected, wrongType, wrongMode, wrongOwner, wrongSize, wrongDigest, wrongTarget, hardLinked
    case extendedAttribute, unreadable
  }

  /// Relative to the root of the tree; for a name that is no valid ``EntryPath``, as near as it can be shown.
  public let path: String
  public let kind: Kind
  /// What was found, and what was expected.
  public let detail: String

  package init(_ path: String, _ kind: Kind, _ detail: String = "") {
    self.path = path
    self.kind = kind
    self.detail = detail
  }

  public var description: String { "\(path): \(kind.rawValue)" + (detail.isEmpty ? "" : " (\(detail))") }
}
