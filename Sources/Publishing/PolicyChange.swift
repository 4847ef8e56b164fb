import Posix
import Product
import SystemPackage
import TUF

/// Changes what the product's offline role lets devices run.
public struct PolicyChange: Sendable {
  public let product: ProductID
  /// The oldest release that may be chosen from now on.
  public var floor: SemanticVersion?
  /// Releases that devices must leave.
  public var block: [SemanticVersion] = []
  /// Releases that are put off for a shorter time only.
  public var critical: [SemanticVersion] = []
  /// The oldest updater that may install what is newer than `via`, which older ones install first.
  public var minimumUpdater: SemanticVersion?
  public var via: SemanticVersion?
  /// Where devices look from now on; an empty list: where they looked at first.
  public var moveTo: [String]?

  public init(product: ProductID) { self.product = product }

  public struct Result: Sendable {
    public let policy: Policy
    /// False: the policy said exactly this before.
    public let isNew: Bool
    /// What the publisher should know before devices see it, in words.
    public let warnings: [String]
  }

  /// Errors: unsigned (a version that is no release), forbidden (a channel offers what the policy would rule out),
  /// invalidInput, and those of the keys.
  public func run(repository path: FilePath, signing: Signing) throws -> Result {
    let repository = try Repository.open(path)
    return try repository.locked { try work(in: repository, signing) }
  }

  private func work(in repository: Repository, _ signing: Signing) throws -> Result {
    var signing = signing
    var editor = try signing.editor(of: repository)
    let state = ProductState(product, editor, repository)
    guard let old = try state.policy() else {
      throw PublishingError(.unsigned, "\(product) has no policy yet", remedy: "pack its first release")
    }
    try requireReleases(in: old)
    let new = try changed(old)
    guard new != old else { return Result(policy: old, isNew: false, warnings: []) }
    let channels = try state.channels()
    try requireOffers(channels, allowedBy: new)
    try signing.replace(
      TargetNames.policy(product), with: try new.encoded(), in: product.role, &editor, repository)
    try signing.finish(&editor, in: repository)
    return Result(policy: new, isNew: true, warnings: warnings(new))
  }

  private func changed(_ old: Policy) throws -> Policy {
    var new = old
    new.floor = floor ?? old.floor
    new.blocked = Set(old.blocked + block).sorted()
    new.critical = Set(old.critical + critical).sorted()
    new.minimumUpdater = minimumUpdater ?? old.minimumUpdater
    new.via = minimumUpdater == nil ? (via ?? old.via) : via
    if let moveTo { new.moveTo = try moveTo.isEmpty ? nil : Self.locations(moveTo) }
    return new
  }

  private static func locations(_ addresses: [String]) throws -> RepositoryLocations {
    for address in addresses where WebAddress(address) == nil {
      throw PublishingError(.invalidInput, "--move-to '\(address)' is not an address: \(WebAddress.rule)")
    }
    let folders = addresses.map { $0.hasSuffix("/") ? $0 : $0 + "/" }
    return RepositoryLocations(metadata: folders.map { $0 + "metadata/" }, targets: folders.map { $0 + "targets/" })
  }

  private func requireReleases(in policy: Policy) throws {
    for version in [floor, via].compactMap({ $0 }) + block + critical where !policy.releases.contains(version) {
      throw PublishingError(
        .unsigned, "\(product) has no release \(version)",
        remedy: "its releases are \(policy.releases.map(\.description).joined(separator: ", "))")
    }
    if via != nil, minimumUpdater == nil, policy.minimumUpdater == nil {
      throw PublishingError(
        .invalidInput, "--via says what older updaters install first, but no --minimum-updater is set",
        remedy: "give both")
    }
  }

  /// Devices take an offer below the floor for the work of a thief with the rollout key.
  private func requireOffers(_ channels: [String: Product.Channel], allowedBy policy: Policy) throws {
    for (name, channel) in channels.sorted(by: { $0.key < $1.key }) {
      for (platform, offer) in channel.platforms.sorted(by: { $0.key < $1.key }) {
        guard let floor = policy.floor, offer.version < floor else { continue }
        throw PublishingError(
          .forbidden, "the channel '\(name)' offers \(offer.version) to \(platform), which is below the floor \(floor)",
          remedy: "promote \(floor) or newer to that channel first")
      }
    }
  }

  private func warnings(_ policy: Policy) -> [String] {
    var found: [String] = []
    if let minimum = policy.minimumUpdater, policy.via == nil {
      found.append(
        "devices with an updater older than \(minimum) install nothing any more: --via names a stepping stone")
    }
    if !policy.releases.contains(where: policy.allows) {
      found.append("no release is left that devices may run: those that run one stay as they are")
    }
    if policy.moveTo != nil, moveTo != nil {
      found.append("keep the old address up until every device has seen this: one that has not looks there")
    }
    return found
  }
}
