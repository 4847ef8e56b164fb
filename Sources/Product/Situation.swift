/// Everything that the choice of a version depends on, read before the choice and passed in as values.
public struct Situation: Sendable {
  /// Who asks: the contract's `update` flags say what yields to whom.
  public enum Request: Sendable, CaseIterable {
    /// The timer: every rule holds.
    case background
    /// A person with `--now`, or with a bundle: percent, not-before, a retry pause and `updates off` do not hold.
    case now
    /// A person with `--force`: pins do not hold either.
    case force
  }

  public var platform: Platform
  /// Nil before the first installation.
  public var installed: SemanticVersion?
  /// The version of the updater that is running.
  public var updater: SemanticVersion
  public var policy: Policy
  public var releases: SignedReleases
  /// What the trusted channel offers to this platform; nil when it offers nothing, or is not consulted.
  public var offer: Channel.Offer?
  /// The version that a bundle brings; it takes the place of the offer's, whose halts still count.
  public var bundle: SemanticVersion?
  /// This device's bucket for the offered version, 0 to 99.
  public var bucket: Int
  public var rings: Set<String>
  public var now: Timestamp
  public var pin: Configuration.Pin?
  public var updatesOn: Bool
  public var channelAllowsDowngrade: Bool
  /// Versions that were left by hand without being bad (`rollback --keep-good`).
  public var avoided: Set<SemanticVersion>
  public var knownBad: [KnownBad]
  public var inconclusive: [Inconclusive]
  /// The version that is being switched to or is on probation; nothing else happens meanwhile.
  public var changingTo: SemanticVersion?
  public var request: Request

  public init(
    platform: Platform, installed: SemanticVersion?, updater: SemanticVersion, policy: Policy,
    releases: SignedReleases, offer: Channel.Offer? = nil, bundle: SemanticVersion? = nil, bucket: Int = 0,
    rings: Set<String> = [], now: Timestamp, pin: Configuration.Pin? = nil, updatesOn: Bool = true,
    channelAllowsDowngrade: Bool = false, avoided: Set<SemanticVersion> = [], knownBad: [KnownBad] = [],
    inconclusive: [Inconclusive] = [], changingTo: SemanticVersion? = nil, request: Request = .background
  ) {
    self.platform = platform
    self.installed = installed
    self.updater = updater
    self.policy = policy
    self.releases = releases
    self.offer = offer
    self.bundle = bundle
    self.bucket = bucket
    self.rings = rings
    self.now = now
    self.pin = pin
    self.updatesOn = updatesOn
    self.channelAllowsDowngrade = channelAllowsDowngrade
    self.avoided = avoided
    self.knownBad = knownBad
    self.inconclusive = inconclusive
    self.changingTo = changingTo
    self.request = request
  }
}
