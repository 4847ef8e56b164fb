import Testing

@testable import Product

/// What becomes of data when versions change, as a table.
@Suite struct DataChangeTests {
  private static func manifest(_ version: String, _ data: DataFolder...) throws -> ProductManifest {
    var manifest = try Sample.manifest()
    manifest.version = try SemanticVersion(version)
    manifest.data = data
    return manifest
  }

  private static let one = DataFolder(name: "state", schema: 1)

  struct Row: Sendable, CustomTestStringConvertible {
    let old: DataFolder
    let new: DataFolder
    var unreadable = false
    var copied = false
    var migrated = false
    var concerns = false

    var testDescription: String { "\(old.schema) -> \(new.schema) from \(new.readableFrom), \(new.snapshot)" }
  }

  @Test(arguments: [
    Row(old: one, new: one),
    Row(old: one, new: DataFolder(name: "other", schema: 2)),
    Row(old: one, new: DataFolder(name: "state", schema: 1, snapshot: true), copied: true, concerns: true),
    Row(old: one, new: DataFolder(name: "state", schema: 2), unreadable: true, concerns: true),
    Row(old: one, new: DataFolder(name: "state", schema: 2, readableFrom: 1)),
    Row(old: one, new: DataFolder(name: "state", schema: 2, migrate: ["m"]), migrated: true, concerns: true),
    Row(
      old: one, new: DataFolder(name: "state", schema: 2, readableFrom: 1, snapshot: true, migrate: ["m"]),
      copied: true, migrated: true, concerns: true),
    Row(old: DataFolder(name: "state", schema: 2), new: one, unreadable: true, concerns: true),
    // Nothing brings a folder to an older format.
    Row(
      old: DataFolder(name: "state", schema: 2), new: DataFolder(name: "state", schema: 1, migrate: ["m"]),
      unreadable: true, concerns: true),
    // The way back from a version that had a copy made concerns data whatever the formats are.
    Row(old: DataFolder(name: "state", schema: 1, snapshot: true), new: one, concerns: true),
  ])
  func saysWhatIsToBeDone(_ row: Row) throws {
    let change = DataChange(from: try Self.manifest("1.0.0", row.old), to: try Self.manifest("2.0.0", row.new))
    #expect(change.unreadable.isEmpty == !row.unreadable)
    #expect(change.copied == (row.copied ? ["state"] : []))
    #expect(change.migrations.isEmpty == !row.migrated)
    #expect(change.concernsData == row.concerns)
  }

  @Test(
    arguments: [
      (["1.0.0"], "1.0.0"), (["1.0.0", "1.1.0"], "1.0.0"), (["0.9.0", "1.1.0"], "1.1.0"), (["0.8.0"], nil), ([], nil),
    ] as [([String], String?)])
  func takesTheCopyOfTheTargetOrTheNewestThatItReads(_ copies: [String], _ chosen: String?) throws {
    let target = try Self.manifest("1.0.0", DataFolder(name: "state", schema: 3, readableFrom: 2))
    let schemas = ["0.8.0": 1, "0.9.0": 2, "1.0.0": 3, "1.1.0": 3]
    let kept = Dictionary(uniqueKeysWithValues: try copies.map { (try SemanticVersion($0), ["state"]) })
    let change = DataChange(from: try Self.manifest("2.0.0", DataFolder(name: "state", schema: 4)), to: target)
    let manifest = { (version: SemanticVersion) in
      schemas["\(version)"].flatMap { try? Self.manifest("\(version)", DataFolder(name: "state", schema: $0)) }
    }
    #expect(change.source(among: kept, manifest: manifest)?.description == chosen)
    // Whose copies do not have that folder are of no use.
    #expect(change.source(among: kept.mapValues { _ in ["other"] }, manifest: manifest) == nil)
  }

  /// Only a switch runs `migrate`: a way back to a newer version, taken by hand, does not.
  @Test func whatMustBeMigratedCannotBeReadAsItLies() throws {
    let new = DataFolder(name: "state", schema: 2, migrate: ["m"])
    let change = DataChange(from: try Self.manifest("1.0.0", Self.one), to: try Self.manifest("2.0.0", new))
    #expect(change.unreadable == [] && change.unreadableAsTheyLie == ["state"])
    let manifest = { (version: SemanticVersion) in version == change.leaving.version ? change.leaving : change.target }
    #expect(change.source(among: [change.leaving.version: ["state"]], manifest: manifest) == nil)
    #expect(change.source(among: [change.target.version: ["state"]], manifest: manifest) == change.target.version)
  }
}
