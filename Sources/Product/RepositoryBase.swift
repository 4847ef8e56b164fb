/// The address of a whole repository, as a person names it: what lies above its `metadata/` and `targets/`.
public struct RepositoryBase: RawRepresentable, Hashable, Sendable {
  /// Ends in "/".
  public let rawValue: String

  /// nil for what is no http or https address, or has a user, query or fragment.
  public init?(rawValue text: String) {
    guard WebAddress(text) != nil else { return nil }
    rawValue = text.hasSuffix("/") ? text : text + "/"
  }
}

extension Configuration {
  /// These repositories instead of any other, in this order, each once; none changes nothing.
  public mutating func use(_ repositories: [RepositoryBase]) {
    guard !repositories.isEmpty else { return }
    var seen: Set<RepositoryBase> = []
    let bases = repositories.filter { seen.insert($0).inserted }
    metadata = bases.map { $0.rawValue + "metadata/" }
    targets = bases.map { $0.rawValue + "targets/" }
  }
}
