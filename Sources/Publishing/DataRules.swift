import Bundles
import Product

/// Whether a new release leaves a way back for the data that devices have.
struct DataRules {
  let product: ProductManifest
  let state: ProductState
  let repository: Repository

  /// Holds the release against the newest older one of its platform.
  ///
  /// Errors: invalidInput.
  func check() throws {
    guard state.isKnown, let before = try newestOlder() else { return }
    for folder in product.data {
      guard let old = before.data.first(where: { $0.name == folder.name }) else { continue }
      if folder.schema < old.schema {
        throw PublishingError(
          .invalidInput,
          "data '\(folder.name)': schema \(folder.schema), but \(before.version) writes schema \(old.schema) already",
          remedy: "a newer version never writes an older format: correct the manifest")
      }
      if folder.schema > old.schema, !folder.snapshot, folder.readableFrom > old.schema {
        throw PublishingError(
          .invalidInput,
          "data '\(folder.name)': schema \(folder.schema) after \(old.schema) of \(before.version), with neither snapshot nor a readableFrom that reaches it: there would be no way back",
          remedy: "say `snapshot = true`, or `readableFrom = \(old.schema)` if this version reads that format as it is")
      }
    }
  }

  private func newestOlder() throws -> ProductManifest? {
    let releases = try state.releases()
    let version = releases.versions.last {
      $0 < product.version && releases.platforms(of: $0).contains(product.platform)
    }
    guard let version,
      let target = try state.targets(of: ReleaseIdentity(id: product.id, version: version, platform: product.platform))
    else { return nil }
    return try ProductManifest.parse(try repository.bytes(of: target.product))
  }
}
