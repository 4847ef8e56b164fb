import Product
import TUF

/// Gives a product its two roles: ID (offline) and ID-rollout (online), disjoint and terminating.
struct Delegating {
  let product: ProductID
  /// How many keys of the offline role must sign; one more is made, but for a threshold of 1.
  let threshold: Int

  /// Errors: invalidInput, keyMissing (no folder for the new keys).
  func run(_ editor: inout RepositoryEditor, signing: inout Signing) throws {
    guard product.text != "online" else {
      throw PublishingError(
        .invalidInput, "id: 'online' is the folder of the online keys, so no product can have that name",
        remedy: "give the product another id")
    }
    guard (1...16).contains(threshold) else {
      throw PublishingError(.invalidInput, "--threshold \(threshold): 1 to 16 keys can be asked for")
    }
    let count = threshold == 1 ? 1 : threshold + 1
    for (role, paths, keys, needed) in [
      (product.role, TargetNames.rolePaths(product), count, threshold),
      (product.rolloutRole, TargetNames.rolloutPaths(product), 1, 1),
    ] {
      let appointees = try signing.appointees(of: role, count: keys)
      try editor.delegate(
        to: role, keys: appointees, threshold: needed, paths: paths, terminating: true,
        expires: signing.lifetimes.expiry(of: role, now: signing.now))
    }
    try editor.renew("targets", expires: signing.lifetimes.expiry(of: "targets", now: signing.now))
  }
}
