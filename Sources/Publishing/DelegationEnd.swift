import Product
import SystemPackage
import TUF

/// Takes a product back from the keys that sign it, at a word of targets: both its delegations end.
///
/// Devices with the product keep what they have and take no update any more. What it published stays until `Pruning`; a
/// product that is delegated again begins empty, its versions going on.
public struct DelegationEnd: Sendable {
  public let product: ProductID

  public init(product: ProductID) { self.product = product }

  /// Errors: conflict (it is not delegated), and those of the keys.
  public func run(repository path: FilePath, signing: Signing) throws {
    let repository = try Repository.open(path, orCopy: signing.proposal != nil)
    try repository.locked(proposal: signing.proposal) {
      var signing = signing
      var editor = try signing.editor(of: repository)
      let delegations = try editor.targets().delegations
      let roles = [product.role, product.rolloutRole].filter { delegations?.delegation(to: $0) != nil }
      guard !roles.isEmpty else {
        throw PublishingError(
          .conflict, "the product '\(product)' is not delegated",
          remedy: "name one of: \(try ProductState.products(of: editor).map(\.text).joined(separator: ", "))")
      }
      for role in roles { try editor.removeDelegation(to: role) }
      try editor.renew("targets", expires: signing.lifetimes.expiry(of: "targets", now: signing.now))
      try signing.finish(&editor, in: repository)
    }
  }
}
