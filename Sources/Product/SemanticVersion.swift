/// A version by Semantic Versioning 2.0.0, without build metadata: two different releases must never be equal in order.
public struct SemanticVersion: Hashable, Sendable, Codable, CustomStringConvertible, Comparable {
  public static let rule =
    "MAJOR.MINOR.PATCH[-PRERELEASE] by SemVer 2.0, at most 64 characters, no build metadata ('+...')"

  public let major: UInt64
  public let minor: UInt64
  public let patch: UInt64
  /// The dot-separated identifiers after the hyphen; empty for a release.
  public let prerelease: [String]

  /// - Throws: `.invalid`.
  public init(_ text: String) throws(ProductError) {
    guard let parsed = SemanticVersion(parsing: text) else {
      throw ProductError(.invalid, key: "version", value: text, allowed: SemanticVersion.rule)
    }
    self = parsed
  }

  /// A release version, for code that knows its numbers.
  public init(_ major: UInt64, _ minor: UInt64, _ patch: UInt64) {
    self.major = major
    self.minor = minor
    self.patch = patch
    self.prerelease = []
  }

  public var description: String {
    let core = "\(major).\(minor).\(patch)"
    return prerelease.isEmpty ? core : core + "-" + prerelease.joined(separator: ".")
  }

  public init(from decoder: any Decoder) throws {
    self = try decoder.text { text throws(ProductError) in try SemanticVersion(text) }
  }

  public func encode(to encoder: any Encoder) throws { try encoder.encode(text: description) }

  /// Precedence, SemVer 2.0 clause 11.
  public static func < (left: SemanticVersion, right: SemanticVersion) -> Bool {
    let leftCore = (left.major, left.minor, left.patch)
    let rightCore = (right.major, right.minor, right.patch)
    if leftCore != rightCore { return leftCore < rightCore }
    if left.prerelease.isEmpty || right.prerelease.isEmpty {
      return !left.prerelease.isEmpty && right.prerelease.isEmpty
    }
    for (one, other) in zip(left.prerelease, right.prerelease) where one != other {
      return precedes(one, other)
    }
    return left.prerelease.count < right.prerelease.count
  }

  /// Numbers before words; numbers by size, which for digits without leading zeros is length, then bytes: no overflow.
  private static func precedes(_ one: String, _ other: String) -> Bool {
    switch (isNumeric(one), isNumeric(other)) {
    case (true, false): true
    case (false, true): false
    case (true, true) where one.utf8.count != other.utf8.count: one.utf8.count < other.utf8.count
    default: one.utf8.lexicographicallyPrecedes(other.utf8)
    }
  }

  private static func isNumeric(_ text: some StringProtocol) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy(Letters.digits.contains)
  }
}

extension SemanticVersion {
  private init?(parsing text: String) {
    guard text.utf8.count <= 64 else { return nil }
    // Only the first hyphen separates: identifiers may hold hyphens themselves.
    let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    let core = parts[0].split(separator: ".", omittingEmptySubsequences: false).map(SemanticVersion.number)
    guard core.count == 3, let major = core[0], let minor = core[1], let patch = core[2] else { return nil }
    let identifiers =
      parts.count == 2 ? parts[1].split(separator: ".", omittingEmptySubsequences: false).map(String.init) : []
    guard identifiers.allSatisfy(SemanticVersion.isIdentifier) else { return nil }
    self.major = major
    self.minor = minor
    self.patch = patch
    self.prerelease = identifiers
  }

  private static func number(_ text: Substring) -> UInt64? {
    isNumeric(text) && !hasLeadingZero(text) ? UInt64(text) : nil
  }

  private static func isIdentifier(_ text: String) -> Bool {
    guard !text.isEmpty, text.utf8.allSatisfy({ Letters.isAlphanumeric($0) || $0 == Letters.hyphen }) else {
      return false
    }
    return !isNumeric(text) || !hasLeadingZero(text)
  }

  private static func hasLeadingZero(_ text: some StringProtocol) -> Bool {
    text.utf8.count > 1 && text.utf8.first == UInt8(ascii: "0")
  }
}
