import Archives
import Cryptography
import Posix
import Product
import TUF

/// The one door: what a bundle says is verified here, whoever brought it, before anything of it is believed.
public struct Door: Sendable {
  public let product: ProductID
  public let platform: Platform
  public let intake: Intake
  /// Small verified targets (policy, channels) from earlier runs, by hash: metadata that did not change need not bring
  /// them again.
  let kept: Directory
  let source: any BundleSource
  public private(set) var client: Client

  public init(
    product: ProductID, platform: Platform, source: any BundleSource, client: Client, intake: Intake, kept: Directory
  ) {
    self.product = product
    self.platform = platform
    self.source = source
    self.client = client
    self.intake = intake
    self.kept = kept
  }

  /// What is trusted so far; nil before ``refresh()``.
  public var trusted: TrustedSet? { client.trusted }

  /// Runs the TUF client workflow; metadata that passes is persisted in the client's store.
  public mutating func refresh() async throws {
    try await client.refresh()
    // Both of the product's roles are looked at, so that both are known when fetch is told what to compare with.
    _ = try await client.target(TargetNames.policy(product))
    _ = try? await client.targets(signedBy: product.rolloutRole)
  }

  /// The product's policy, signed by its offline role.
  public mutating func policy() async throws -> Policy {
    let name = TargetNames.policy(product)
    guard let reference = try await reference(name, role: product.role) else {
      throw BundleError(.missing, "the role '\(product.role)' signs no \(name)")
    }
    return try Policy.parse(try small(reference), for: product)
  }

  /// The channel `name`, signed by the product's rollout role; nil where there is none of that name.
  public mutating func channel(_ name: String) async throws -> Channel? {
    let path = TargetNames.channel(name, of: product)
    guard let reference = try await reference(path, role: product.rolloutRole) else { return nil }
    return try Channel.parse(try small(reference), for: product, channel: name)
  }

  /// The channel as far as it is known here: a bundle that a person brings need not carry the rollout role's metadata,
  /// or the channel itself.
  public mutating func knownChannel(_ name: String) async throws -> Channel? {
    do {
      return try await channel(name)
    } catch let error as TUFError where error.code == .missing && error.role == product.rolloutRole {
      return nil
    } catch let error as BundleError where error.code == .missing {
      return nil
    }
  }

  /// Policy and channel as signed now, of those that neither an earlier run nor the source has brought.
  public mutating func missingSmallTargets(channel: String) async throws -> [TargetReference] {
    var missing: [TargetReference] = []
    for (name, role) in [
      (TargetNames.policy(product), product.role), (TargetNames.channel(channel, of: product), product.rolloutRole),
    ] {
      guard let reference = try await reference(name, role: role) else { continue }
      if try Intake(kept).kept(reference.sha256, length: reference.length) != nil { continue }
      if try !brings([reference]) { missing.append(reference) }
    }
    return missing
  }

  /// All releases that the offline role signs completely.
  public mutating func releases() async throws -> SignedReleases {
    let targets = try await client.targets(signedBy: product.role).compactMap { info in
      info.hashes["sha256"].map { SignedReleases.Target(name: info.path, role: info.role, sha256: $0) }
    }
    return SignedReleases(targets, of: product)
  }

  /// The newest signed release whose tree manifest the source itself brings: what a bundle was made for. By the archive it
  /// could not be told: two releases of the same bytes have the same one.
  public mutating func bundledVersion() async throws -> SemanticVersion {
    for version in try await releases().versions.reversed() {
      guard let targets = try await targets(of: version) else { continue }
      if try source.target(targets.tree.sha256) != nil { return version }
    }
    if let other = try await bundledForAnotherPlatform() {
      throw BundleError(.wrongProduct, "the bundle is for \(other), but this device is \(platform)")
    }
    guard try await bringsAnyTarget() else {
      throw BundleError(.wrongProduct, "the bundle brings nothing of \(product)")
    }
    throw BundleError(.missing, "the bundle brings no release of \(product) for \(platform)")
  }

  private mutating func bringsAnyTarget() async throws -> Bool {
    for info in try await client.targets(signedBy: product.role) {
      if let digest = info.sha256, try source.target(digest) != nil { return true }
    }
    return false
  }

  private mutating func bundledForAnotherPlatform() async throws -> Platform? {
    let signed = try await releases()
    for version in signed.versions {
      for other in signed.platforms(of: version) where other != platform {
        let release = ReleaseIdentity(id: product, version: version, platform: other)
        let archive = try await reference(TargetNames.release(.archive, of: release), role: product.role)
        if let archive, try source.target(archive.sha256) != nil { return other }
      }
    }
    return nil
  }

  /// The targets of `version` for this platform; nil unless the offline role signs all three.
  public mutating func targets(of version: SemanticVersion) async throws -> ReleaseTargets? {
    let release = ReleaseIdentity(id: product, version: version, platform: platform)
    guard let archive = try await reference(TargetNames.release(.archive, of: release), role: product.role),
      let tree = try await reference(TargetNames.release(.tree, of: release), role: product.role),
      let manifest = try await reference(TargetNames.release(.product, of: release), role: product.role)
    else { return nil }
    return ReleaseTargets(version: version, archive: archive, tree: tree, product: manifest)
  }

  /// Takes in both manifests of a release and holds them against each other and the device's product.
  public func release(_ targets: ReleaseTargets) throws -> Release {
    for manifest in [targets.product, targets.tree] where manifest.length > Int64(Release.manifestLimit) {
      throw BundleError(.mismatch, "\(manifest.name): \(manifest.length) bytes are more than a manifest may have")
    }
    let productBytes = try intake.bytes(targets.product.sha256, length: targets.product.length, from: source)
    let manifest = try ProductManifest.parse(productBytes)
    let treeBytes = try intake.bytes(targets.tree.sha256, length: targets.tree.length, from: source)
    let tree = try TreeManifest(parsing: treeBytes)
    let expected = "\(product) \(targets.version) \(platform)"
    let said = "\(manifest.id) \(manifest.version) \(manifest.platform)"
    guard said == expected, "\(tree.id) \(tree.version) \(tree.platform)" == expected else {
      throw BundleError(
        .wrongProduct,
        "the release is signed as \(expected), but its manifests say \(said) and \(tree.id) \(tree.version) \(tree.platform)"
      )
    }
    return Release(
      targets: targets, product: manifest, productBytes: productBytes, tree: tree, treeBytes: treeBytes)
  }

  /// The verified copy of a release's archive.
  public func archive(of targets: ReleaseTargets) throws(BundleError) -> OpenFile {
    try intake.take(targets.archive.sha256, length: targets.archive.length, from: source)
  }

  /// Whether the source, or an earlier run, has brought all bytes of `targets`.
  public func brings(_ targets: [TargetReference]) throws(BundleError) -> Bool {
    for target in targets {
      if try intake.kept(target.sha256, length: target.length) != nil { continue }
      if try source.target(target.sha256) == nil { return false }
    }
    return true
  }

  /// Looks a target up and refuses it from any role but the one whose it is to sign.
  private mutating func reference(_ name: String, role: String) async throws -> TargetReference? {
    guard let info = try await client.target(name) else { return nil }
    guard info.role == role else {
      throw BundleError(.wrongRole, "\(name) is signed by '\(info.role)', but only '\(role)' may sign it")
    }
    guard let text = info.hashes["sha256"], let digest = SHA256Digest(hex: text) else {
      throw BundleError(.malformed, "\(name) is signed without a SHA-256")
    }
    return TargetReference(name: name, length: Int64(info.length), sha256: digest)
  }

  /// The largest policy or channel that is read, in bytes.
  public static let smallLimit: Int64 = 4 << 20

  private func small(_ reference: TargetReference) throws -> [UInt8] {
    guard reference.length <= Self.smallLimit else {
      throw BundleError(
        .mismatch, "\(reference.name): \(reference.length) bytes are more than a policy or channel may have")
    }
    if let file = try Intake(kept).kept(reference.sha256, length: reference.length) {
      return try file.descriptor.readAll(limit: Int(reference.length), path: reference.name)
    }
    let bytes = try intake.bytes(reference.sha256, length: reference.length, from: source)
    try DurableFile.write(bytes, reference.sha256.hex, in: kept)
    return bytes
  }
}
