/// What a change from one version to another means for the product's data: pure, for tables of tests.
public struct DataChange: Sendable {
  /// The version whose data lies there.
  public let leaving: ProductManifest
  public let target: ProductManifest

  public init(from leaving: ProductManifest, to target: ProductManifest) {
    self.leaving = leaving
    self.target = target
  }

  private var pairs: [(old: DataFolder, new: DataFolder)] {
    target.data.compactMap { new in leaving.data.first { $0.name == new.name }.map { ($0, new) } }
  }

  /// Folders that the target can make nothing of as they lie there, nor bring to its own format.
  public var unreadable: [String] {
    pairs.filter { !$0.new.reads($0.old.schema) && !($0.new.migrate != nil && $0.old.schema < $0.new.schema) }
      .map(\.new.name)
  }

  /// Folders of which the target wants a copy made before anything of it runs.
  public var copied: [String] { target.data.filter(\.snapshot).map(\.name) }

  /// Programs of the target's to run before its agent.
  public var migrations: [(folder: DataFolder, from: Int)] {
    pairs.filter { $0.new.migrate != nil && $0.old.schema < $0.new.schema }.map { ($0.new, $0.old.schema) }
  }

  /// Whether the agent must be stopped, and the folders be looked at, when the target is switched to, or gone back to.
  public var concernsData: Bool {
    !copied.isEmpty || leaving.data.contains(where: \.snapshot) || !migrations.isEmpty || !unreadable.isEmpty
  }

  /// Of the copies that there are, by the version that wrote them, the one to go on with where ``unreadable`` says that
  /// what lies there is none: that of the target itself, else the newest that it reads.
  public func source(among copies: [SemanticVersion: ProductManifest]) -> SemanticVersion? {
    if copies[target.version] != nil { return target.version }
    return copies.keys.sorted().last { version in
      guard let manifest = copies[version] else { return false }
      return DataChange(from: manifest, to: target).unreadable.isEmpty
    }
  }
}
