import Installation
import Product

/// The same work where it is done: by the agent's user (`slipway data`), and by root at boot.
public struct DataMoves: Sendable {
  let layout: Layout

  public init(_ layout: Layout) { self.layout = layout }

  public func measure(_ folders: [String]) throws -> DataNeed {
    guard let copies = try DataCopies(layout) else { return DataNeed() }
    return try copies.need(folders)
  }

  public func leave(_ from: SemanticVersion, for to: SemanticVersion) throws {
    guard let copies = try DataCopies(layout) else { return }
    let change = try change(from, to)
    // A switch that was cut off: from the start.
    try copies.bring(from, leaving: to)
    if change.unreadable.isEmpty || to > from { return try copies.keep(change.copied, of: from) }
    if let source = change.source(among: try manifests(copies)) { try copies.bring(source, leaving: from) }
  }

  public func comeBack(_ from: SemanticVersion, to: SemanticVersion, byHand: Bool) throws {
    try comeBack(try change(from, to), byHand: byHand)
  }

  /// After a failed probation the copy is the truth. By hand, weeks later, what lies there is, as long as it can be read.
  func comeBack(_ change: DataChange, byHand: Bool) throws {
    guard let copies = try DataCopies(layout) else { return }
    let target = change.target.version
    if !byHand { return try copies.bring(target, leaving: change.leaving.version) }
    if !change.unreadable.isEmpty, let source = change.source(among: try manifests(copies)) {
      try copies.bring(source, leaving: change.leaving.version)
    }
    try copies.drop(keeping: Set(try copies.versions()).subtracting([target]))
  }

  public func settle(_ version: SemanticVersion) throws {
    guard let copies = try DataCopies(layout) else { return }
    let installed = Set(try VersionStore(layout).versions())
    try copies.drop(keeping: installed.subtracting([version]))
  }

  public func copies() throws -> [SemanticVersion] { try DataCopies(layout)?.versions() ?? [] }

  private func change(_ from: SemanticVersion, _ to: SemanticVersion) throws -> DataChange {
    DataChange(from: try Device.manifest(of: from, layout), to: try Device.manifest(of: to, layout))
  }

  private func manifests(_ copies: DataCopies) throws -> [SemanticVersion: ProductManifest] {
    Dictionary(
      uniqueKeysWithValues: try copies.versions().compactMap { version in manifest(version).map { (version, $0) } })
  }

  /// Nil for a version that is not installed any more: nobody knows what it wrote.
  private func manifest(_ version: SemanticVersion) -> ProductManifest? { try? Device.manifest(of: version, layout) }
}
