import Cryptography
import Product
import SystemPackage
import TUF

/// Gives a product its two roles: ID (offline) and ID-rollout (online), disjoint and terminating.
struct Delegating {
  let product: ProductID
  /// How many keys of the offline role must sign; one more is made, but for a threshold of 1.
  let threshold: Int
  /// The keys of the offline role and of the rollout role; where there are none, new ones are made.
  var keys: [PublicKey] = []
  var rolloutKeys: [PublicKey] = []

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
    for (role, paths, given, count, needed) in [
      (product.role, TargetNames.rolePaths(product), keys, count, threshold),
      (product.rolloutRole, TargetNames.rolloutPaths(product), rolloutKeys, 1, 1),
    ] {
      let appointees = given.isEmpty ? try signing.appointees(of: role, count: count) : given
      try editor.delegate(
        to: role, keys: appointees, threshold: needed, paths: paths, terminating: true,
        expires: signing.lifetimes.expiry(of: role, now: signing.now))
    }
    try editor.renew("targets", expires: signing.lifetimes.expiry(of: "targets", now: signing.now))
  }
}

/// Gives a product to others: its roles begin empty, and are signed by their keys.
public struct ProductDelegation: Sendable {
  public let product: ProductID
  public let threshold: Int
  public let keys: [PublicKey]
  /// Empty: this publisher keeps the channels, with a new key of its own.
  public let rolloutKeys: [PublicKey]

  public init(product: ProductID, threshold: Int, keys: [PublicKey], rolloutKeys: [PublicKey]) {
    self.product = product
    self.threshold = threshold
    self.keys = keys
    self.rolloutKeys = rolloutKeys
  }

  /// Errors: conflict (the product has its roles), invalidInput, keyMissing.
  public func run(repository path: FilePath, signing: Signing) throws {
    guard (1...max(1, keys.count)).contains(threshold), !keys.isEmpty else {
      throw PublishingError(
        .invalidInput, "a threshold of \(threshold) with \(keys.count) keys", remedy: "name more keys with --public-key"
      )
    }
    let repository = try Repository.open(path, orCopy: signing.proposal != nil)
    try repository.locked(proposal: signing.proposal) {
      var signing = signing
      var editor = try signing.editor(of: repository)
      guard !editor.roles.contains(product.role) else {
        throw PublishingError(
          .conflict, "the product '\(product)' is delegated already",
          remedy: "`slipway-release rotate \(product)` gives it other keys")
      }
      try Delegating(product: product, threshold: threshold, keys: keys, rolloutKeys: rolloutKeys)
        .run(&editor, signing: &signing)
      try signing.finish(&editor, in: repository)
    }
  }
}
