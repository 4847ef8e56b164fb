import Posix
import Product
import SystemPackage
import TUF

/// Withdraws a version from the channels of a product, or gives it back to them.
public struct Halting: Sendable {
  public enum Change: Sendable, Equatable {
    /// With `rollBack`, devices that run the version go back to the newest older one that the policy allows.
    case halt(reason: String, rollBack: Bool)
    case resume
  }

  public let product: ProductID
  public let version: SemanticVersion
  /// Nil: all channels.
  public let channel: String?
  public let change: Change

  public init(product: ProductID, version: SemanticVersion, channel: String?, change: Change) {
    self.product = product
    self.version = version
    self.channel = channel
    self.change = change
  }

  public struct Result: Sendable {
    /// The channels that say something else now; empty when they said this before.
    public let channels: [String]
    /// Where devices go back to; nil where nothing older is allowed, so that they stay.
    public let wayBack: SemanticVersion?
  }

  /// Errors: unsigned (no release of that version), invalidInput (no such channel, no reason), and those of the keys.
  public func run(repository path: FilePath, signing: Signing) throws -> Result {
    if case .halt(let reason, _) = change, reason.isEmpty {
      throw PublishingError(
        .invalidInput, "--reason is empty", remedy: "say in a few words why: `slipway status` shows it on every device")
    }
    let repository = try Repository.open(path)
    return try repository.locked { try work(in: repository, signing) }
  }

  private func work(in repository: Repository, _ signing: Signing) throws -> Result {
    var signing = signing
    var editor = try signing.editor(of: repository)
    let state = ProductState(product, editor, repository)
    let releases = try state.releases()
    guard !releases.platforms(of: version).isEmpty else {
      let there = releases.versions.map(\.description).joined(separator: ", ")
      throw PublishingError(
        .unsigned, "\(product) has no release \(version)", remedy: there.isEmpty ? nil : "signed are \(there)")
    }
    let channels = try state.channels()
    if let channel, channels[channel] == nil {
      throw PublishingError(
        .invalidInput, "\(product) has no channel '\(channel)'",
        remedy: "its channels are \(channels.keys.sorted().joined(separator: ", "))")
    }
    var changed: [String] = []
    for (name, old) in channels.sorted(by: { $0.key < $1.key }) where channel == nil || name == channel {
      let new = changing(old)
      guard new != old else { continue }
      try signing.replace(
        TargetNames.channel(name, of: product), with: try new.encoded(), in: product.rolloutRole, &editor, repository)
      changed.append(name)
    }
    if !changed.isEmpty { try signing.finish(&editor, in: repository) }
    let policy = try state.policy()
    let older = releases.versions.last { $0 < version && policy?.allows($0) == true }
    return Result(channels: changed, wayBack: older)
  }

  private func changing(_ channel: Product.Channel) -> Product.Channel {
    var result = channel
    for (platform, offer) in channel.platforms {
      var offer = offer
      offer.halts.removeAll { $0.version == version }
      if case .halt(let reason, let rollBack) = change {
        offer.halts.append(Product.Channel.Halt(version: version, reason: reason, rollBack: rollBack))
        offer.halts.sort { $0.version < $1.version }
      }
      result.platforms[platform] = offer
    }
    return result
  }
}

extension Signing {
  /// Has `role` sign other bytes for a target.
  mutating func replace(
    _ name: String, with bytes: [UInt8], in role: String, _ editor: inout RepositoryEditor, _ repository: Repository
  ) throws {
    let target = try repository.store(bytes, as: name)
    try editor.setTarget(name, length: Int(target.length), sha256: target.sha256, in: role)
    try editor.renew(role, expires: lifetimes.expiry(of: role, now: now))
  }
}
