import Posix
import Product
import SystemPackage
import TUF

/// Offers a signed release to the devices of a channel.
public struct Promotion: Sendable {
  public let product: ProductID
  public let version: SemanticVersion
  public let channel: String
  /// Devices whose bucket is below this take it; 0 to 100.
  public let percent: Int
  /// Only devices in one of these rings take it; empty means all.
  public let rings: [String]
  public let notBefore: Product.Timestamp?

  public init(
    product: ProductID, version: SemanticVersion, channel: String, percent: Int = 100, rings: [String] = [],
    notBefore: Product.Timestamp? = nil
  ) {
    self.product = product
    self.version = version
    self.channel = channel
    self.percent = percent
    self.rings = rings
    self.notBefore = notBefore
  }

  public struct Result: Sendable {
    public let channel: Product.Channel
    /// False: the channel said exactly this before.
    public let isNew: Bool
  }

  /// Errors: unsigned, incomplete (a platform is lacking), forbidden (blocked, halted or below the floor), invalidInput.
  public func run(repository path: FilePath, signing: Signing) throws -> Result {
    try check()
    let repository = try Repository.open(path)
    return try repository.locked { try promote(in: repository, signing) }
  }

  private func promote(in repository: Repository, _ signing: Signing) throws -> Result {
    var editor = try signing.editor(of: repository)
    let state = ProductState(product, editor, repository)
    let platforms = try platforms(state, editor, repository)
    let old = try state.channels()[channel]
    var new = old ?? Product.Channel(id: product, channel: channel)
    for platform in platforms {
      let halts = new.platforms[platform]?.halts ?? []
      if let halt = halts.first(where: { $0.version == version }) {
        throw PublishingError(
          .forbidden, "\(product) \(version) is halted in the channel '\(channel)': \(halt.reason)",
          remedy: "promote another version, or take the halt back first")
      }
      new.platforms[platform] = Product.Channel.Offer(
        version: version, percent: percent, rings: rings, notBefore: notBefore, halts: halts)
    }
    guard new != old else { return Result(channel: new, isNew: false) }
    var signing = signing
    try signing.replace(
      TargetNames.channel(channel, of: product), with: try new.encoded(), in: product.rolloutRole, &editor, repository)
    try signing.finish(&editor, in: repository)
    return Result(channel: new, isNew: true)
  }

  private func check() throws {
    let label = "1 to 32 of a-z, 0-9 and '-', beginning with a letter or digit"
    for (option, name) in [("--channel", channel)] + rings.map({ ("--ring", $0) }) where !Label.isValid(name) {
      throw PublishingError(.invalidInput, "\(option) '\(name)' is not a name: \(label)")
    }
    guard (0...100).contains(percent) else {
      throw PublishingError(.invalidInput, "--percent \(percent) is not accepted: 0 to 100")
    }
  }

  /// The platforms of the release, which must be all of the product's.
  private func platforms(_ state: ProductState, _ editor: RepositoryEditor, _ repository: Repository) throws
    -> [Platform]
  {
    let releases = try state.releases()
    let signed = releases.platforms(of: version).sorted()
    guard state.isKnown, try editor.isComplete(product.role), let policy = try state.policy(), !signed.isEmpty,
      policy.releases.contains(version)
    else {
      let there = releases.versions.map(\.description).joined(separator: ", ")
      throw PublishingError(
        .unsigned, "\(product) \(version): the product's offline role '\(product.role)' has not signed this release",
        remedy: there.isEmpty ? "pack it first" : "pack it first; signed are \(there)")
    }
    var wanted: Set<Platform> = []
    for platform in signed {
      let release = ReleaseIdentity(id: product, version: version, platform: platform)
      guard let targets = try state.targets(of: release) else { continue }
      let manifest = try ProductManifest.parse(try repository.bytes(of: targets.product))
      wanted.formUnion(manifest.platforms)
      for target in targets.all { try repository.require(target) }
    }
    let lacking = wanted.subtracting(signed).sorted().map(\.text)
    guard lacking.isEmpty else {
      throw PublishingError(
        .incomplete, "\(product) \(version) is not packed for \(lacking.joined(separator: ", "))",
        remedy: "pack it for every platform of the product, then promote it")
    }
    guard policy.allows(version) else {
      throw PublishingError(
        .forbidden, "\(product) \(version) is blocked, or below the floor, by the product's policy",
        remedy: "promote a version that the policy allows")
    }
    return signed
  }
}

/// Names of channels and rings, which become file names.
enum Label {
  static func isValid(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    let isWord = { (byte: UInt8) in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
    guard let first = bytes.first, bytes.count <= 32, isWord(first) else { return false }
    return bytes.allSatisfy { isWord($0) || $0 == UInt8(ascii: "-") }
  }
}
