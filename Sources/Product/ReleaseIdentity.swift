/// What every document of a release repeats, so that another product's validly signed bundle is refused.
public struct ReleaseIdentity: Hashable, Sendable {
  public let id: ProductID
  public let version: SemanticVersion
  public let platform: Platform

  public init(id: ProductID, version: SemanticVersion, platform: Platform) {
    self.id = id
    self.version = version
    self.platform = platform
  }

  /// Compares what a document (such as "tree manifest") says of itself with what the device expects.
  ///
  /// - Throws: `.wrongProduct`, naming the first value that differs.
  public func mustMatch(id: String, version: String, platform: String, of document: String) throws(ProductError) {
    for (key, found, expected) in [
      ("id", id, self.id.text), ("version", version, self.version.description),
      ("platform", platform, self.platform.text),
    ] where found != expected {
      throw ProductError(
        .wrongProduct, key: key, value: found, allowed: "the \(document) must say \(expected) here")
    }
  }
}
