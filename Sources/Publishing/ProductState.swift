import Bundles
import Cryptography
import Product
import TUF

/// What a repository says of one product, read from the metadata as it stands.
struct ProductState {
  let id: ProductID
  private let editor: RepositoryEditor
  private let repository: Repository

  init(_ id: ProductID, _ editor: RepositoryEditor, _ repository: Repository) {
    self.id = id
    self.editor = editor
    self.repository = repository
  }

  var isKnown: Bool { editor.roles.contains(id.role) }

  /// The products of a repository, by the delegations of its targets role.
  static func products(of editor: RepositoryEditor) throws -> [ProductID] {
    try (editor.targets().delegations?.roles ?? []).compactMap { try? ProductID($0.name) }.sorted()
  }

  /// A target as the role that its name belongs to lists it.
  func target(_ name: String) throws -> TargetReference? {
    for role in [id.role, id.rolloutRole] {
      if let target = try editor.references(of: role).first(where: { $0.name == name }) { return target }
    }
    return nil
  }

  /// The policy; nil before the product's first release. Errors: damaged, and those of the document.
  func policy() throws -> Policy? {
    guard let target = try target(TargetNames.policy(id)) else { return nil }
    return try Policy.parse(try repository.bytes(of: target), for: id)
  }

  /// The channels by name; `wanted` may leave some out.
  func channels(_ wanted: (TargetReference) -> Bool = { _ in true }) throws -> [String: Product.Channel] {
    var channels: [String: Product.Channel] = [:]
    for target in try channelTargets() where wanted(target) {
      let name = String(target.name.split(separator: "/").last?.dropLast(".json".count) ?? "")
      channels[name] = try Channel.parse(try repository.bytes(of: target), for: id, channel: name)
    }
    return channels
  }

  func channelTargets() throws -> [TargetReference] {
    try editor.references(of: id.rolloutRole).filter { $0.name.hasPrefix("products/\(id)/channels/") }
  }

  /// The releases that the offline role lists completely.
  func releases() throws -> SignedReleases {
    let targets = try editor.references(of: id.role).map { target in
      SignedReleases.Target(name: target.name, role: id.role, sha256: target.sha256.hex)
    }
    return SignedReleases(targets, of: id)
  }

  /// The three targets of a release; nil unless all are there.
  func targets(of release: ReleaseIdentity) throws -> ReleaseTargets? {
    func part(_ part: TargetNames.ReleasePart) throws -> TargetReference? {
      try target(TargetNames.release(part, of: release))
    }
    guard let archive = try part(.archive), let tree = try part(.tree), let product = try part(.product) else {
      return nil
    }
    return ReleaseTargets(version: release.version, archive: archive, tree: tree, product: product)
  }
}

extension RepositoryEditor {
  /// Everything that a targets role lists, in the order of the names; nothing for a role that is not there.
  ///
  /// Errors: damaged for a target without a SHA-256, which is what files are named by: overlooked, it would never be
  /// published, and its file taken for one that nobody needs.
  func references(of role: String) throws -> [TargetReference] {
    guard roles.contains(role) else { return [] }
    return try targets(role).files.sorted { $0.key < $1.key }.map { name, file in
      guard let digest = file.hashes["sha256"].flatMap({ SHA256Digest(hex: $0) }) else {
        throw PublishingError(
          .damaged, "the role '\(role)' lists \(name) without a SHA-256", remedy: "have it signed again, with one")
      }
      return TargetReference(name: name, length: Int64(file.length), sha256: digest)
    }
  }
}
