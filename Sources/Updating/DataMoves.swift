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
    if change.unreadable.isEmpty || to > from {
      try copies.keep(change.copied, of: from)
    } else {
      try replace(change, copies)
    }
    // What the target left when it was here before. A copy of a version that runs would be taken for a switch's that was
    // cut off, and be brought in place of newer data.
    try copies.drop(to)
  }

  /// After a failed probation the copy is the truth. By hand, weeks later, what lies there is, as long as it can be read.
  public func comeBack(_ from: SemanticVersion, to: SemanticVersion, byHand: Bool) throws {
    guard let copies = try DataCopies(layout) else { return }
    try copies.dropUnfinished()
    guard byHand else { return try copies.bring(to, leaving: from) }
    let change = try change(from, to)
    if !change.unreadableAsTheyLie.isEmpty { try replace(change, copies) }
    try copies.drop(to)
  }

  /// Puts a copy that the target can read in the place of what lies there. Once something lies aside, the choice has been
  /// made, and is only finished.
  private func replace(_ change: DataChange, _ copies: DataCopies) throws {
    let (leaving, target) = (change.leaving.version, change.target.version)
    let kept = try copies.contents()
    if kept[leaving] == nil {
      guard let source = change.source(among: kept, manifest: manifest) else { return }
      if source != target { try copies.rename(source, to: target) }
    }
    try copies.bring(target, leaving: leaving)
  }

  public func settle(_ version: SemanticVersion) throws {
    guard let copies = try DataCopies(layout) else { return }
    let installed = Set(try VersionStore(layout).versions())
    try copies.dropUnfinished()
    try copies.drop(keeping: installed.subtracting([version]))
  }

  /// The folders in each copy.
  public func copies() throws -> [SemanticVersion: [String]] { try DataCopies(layout)?.contents() ?? [:] }

  private func change(_ from: SemanticVersion, _ to: SemanticVersion) throws -> DataChange {
    DataChange(from: try Device.manifest(of: from, layout), to: try Device.manifest(of: to, layout))
  }

  /// Nil for a version that is not installed any more: nobody knows what it wrote.
  private func manifest(_ version: SemanticVersion) -> ProductManifest? { try? Device.manifest(of: version, layout) }
}
