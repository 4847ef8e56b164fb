import Proxies

/// The wishes of a device's admin, from config.toml and config.d; absent values leave the manifest's.
public struct Configuration: Equatable, Sendable {
  /// A version that the device is to stay at, or go to.
  public struct Pin: Equatable, Sendable {
    public var version: SemanticVersion
    public var allowDowngrade: Bool

    public init(_ version: SemanticVersion, allowDowngrade: Bool = false) {
      self.version = version
      self.allowDowngrade = allowDowngrade
    }
  }

  public var channel: String?
  /// Whether the channel may lead to an older version once, after a change of channel.
  public var channelAllowsDowngrade: Bool?
  public var pin: Pin?
  /// Versions that were left by hand without being bad: not taken again, newer ones are.
  public var avoided: [SemanticVersion]?
  /// False: nothing is applied unless a person asks for it.
  public var updatesOn: Bool?
  /// No restart of the agent meanwhile; downloads and staging go on.
  public var hold: SwitchGate.Hold?
  public var rings: [String]?
  /// A later file's replaces an earlier one's as a whole.
  public var proxy: ProxySettings?
  /// Where the TPM is, as tpm2-tss names it: for devices whose TPM is not the kernel's `/dev/tpmrm0`.
  public var tcti: String?
  /// A folder with certificates of TPMs' makers, PEM or DER, who vouch for endorsement keys.
  public var tpmAuthorities: String?
  /// Endorsement keys that need nobody to vouch for them: SHA-256 of SubjectPublicKeyInfo, 64 hexadecimal digits each.
  public var endorsementKeys: [String]?
  /// PEM certificates that TLS trusts besides the system's: for the way only, nothing is installed because of them.
  public var caFile: String?
  public var metadata: [String]?
  public var targets: [String]?
  public var intervalSeconds: Int64?
  public var window: [String]?
  public var deferMaxSeconds: Int64?
  public var deferMaxCriticalSeconds: Int64?
  public var catchUpSeconds: Int64?
  public var keepVersions: Int?
  public var bandwidthBytesPerSecond: Int64?

  public init() {}

  /// This configuration where it says something, and `base` where it does not: later files win.
  public func over(_ base: Configuration) -> Configuration {
    var result = base
    result.channel = channel ?? base.channel
    // The permission belongs to the channel named beside it and must not outlive it.
    result.channelAllowsDowngrade = channel == nil ? base.channelAllowsDowngrade : channelAllowsDowngrade
    result.pin = pin ?? base.pin
    result.avoided = avoided ?? base.avoided
    result.updatesOn = updatesOn ?? base.updatesOn
    result.hold = hold ?? base.hold
    result.rings = rings ?? base.rings
    result.proxy = proxy ?? base.proxy
    result.tcti = tcti ?? base.tcti
    result.tpmAuthorities = tpmAuthorities ?? base.tpmAuthorities
    result.endorsementKeys = endorsementKeys ?? base.endorsementKeys
    result.caFile = caFile ?? base.caFile
    result.metadata = metadata ?? base.metadata
    result.targets = targets ?? base.targets
    result.intervalSeconds = intervalSeconds ?? base.intervalSeconds
    result.window = window ?? base.window
    result.deferMaxSeconds = deferMaxSeconds ?? base.deferMaxSeconds
    result.deferMaxCriticalSeconds = deferMaxCriticalSeconds ?? base.deferMaxCriticalSeconds
    result.catchUpSeconds = catchUpSeconds ?? base.catchUpSeconds
    result.keepVersions = keepVersions ?? base.keepVersions
    result.bandwidthBytesPerSecond = bandwidthBytesPerSecond ?? base.bandwidthBytesPerSecond
    return result
  }

  /// The channel that the device follows.
  public func channel(for manifest: ProductManifest) -> String { channel ?? manifest.channel }

  /// Where the device looks.
  public func repository(for manifest: ProductManifest) -> RepositoryLocations {
    RepositoryLocations(
      metadata: metadata ?? manifest.repository.metadata, targets: targets ?? manifest.repository.targets)
  }

  /// The manifest's rules with the admin's wishes laid over them.
  public func updates(for manifest: ProductManifest) -> UpdateRules { laid(over: manifest.updates) }

  func laid(over rules: UpdateRules) -> UpdateRules {
    let longest = deferMaxSeconds ?? rules.deferMaxSeconds
    return UpdateRules(
      intervalSeconds: intervalSeconds ?? rules.intervalSeconds,
      window: window ?? rules.window,
      deferMaxSeconds: longest,
      deferMaxCriticalSeconds: deferMaxCriticalSeconds ?? min(rules.deferMaxCriticalSeconds, longest),
      catchUpSeconds: catchUpSeconds ?? rules.catchUpSeconds,
      keepVersions: keepVersions ?? rules.keepVersions,
      bandwidthBytesPerSecond: bandwidthBytesPerSecond ?? rules.bandwidthBytesPerSecond)
  }
}
