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
    unreadableAsTheyLie.filter { name in !migrations.contains { $0.folder.name == name } }
  }

  /// The same without the target's `migrate`, which is run by a switch alone and on no way back, forwards neither.
  public var unreadableAsTheyLie: [String] { pairs.filter { !$0.new.reads($0.old.schema) }.map(\.new.name) }

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

  /// Of the copies that there are, the folders in each by the version that wrote them, the one to go on with where
  /// ``unreadable`` says that what lies there is none: that of the target itself, else the newest that it reads. One that
  /// lacks such a folder is none.
  ///
  /// - Parameter manifest: nil for a version that is not installed any more: nobody knows what it wrote.
  public func source(
    among copies: [SemanticVersion: [String]], manifest: (SemanticVersion) -> ProductManifest?
  ) -> SemanticVersion? {
    let needed = Set(unreadableAsTheyLie)
    let whole = copies.filter { needed.isSubset(of: $0.value) }.keys.sorted()
    return whole.last { $0 == target.version }
      ?? whole.last { manifest($0).map { DataChange(from: $0, to: target).unreadableAsTheyLie.isEmpty } ?? false }
  }
}
