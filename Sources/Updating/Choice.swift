import Bundles
import Cryptography
import Installation
import Posix
import Product
import SystemPackage

/// Gathers what a decision rests on and asks ``Decision``, which is pure.
struct Choice {
  struct Made: Sendable {
    /// What to install; nil to stay.
    var target: ReleaseTargets?
    var waitingFor: [WaitingFor]
    var policy: Policy
    /// Whether the switch may be put off for a short time only: the version is critical, or the running one must be left.
    var critical = false
  }

  let device: Device
  let request: Situation.Request

  init(_ device: Device, request: Situation.Request = .background) {
    self.device = device
    self.request = request
  }

  /// - Parameter bundle: the version that a bundle brings when a person asked for it; of the channel only what is known of
  ///   it already counts then, for its halts.
  func make(
    _ door: inout Door, files: StateFiles, store: VersionStore, bundle: SemanticVersion? = nil
  ) async throws -> Made {
    let policy = try await door.policy()
    let releases = try await door.releases()
    let installed = store.version(.current)
    let state = try files.state()
    let name = try channelName(installed)
    let channel = bundle == nil ? try await door.channel(name) : try await door.knownChannel(name)
    let offer = channel?.platforms[device.platform]
    let situation = Situation(
      platform: device.platform, installed: installed, updater: try SemanticVersion(Build.version), policy: policy,
      releases: releases, offer: offer, bundle: bundle, bucket: try bucket(offer?.version, seed: state?.seed),
      rings: Set(device.configuration.rings ?? []), now: Timestamp(seconds: device.time),
      pin: device.configuration.pin, updatesOn: device.configuration.updatesOn ?? true,
      channelAllowsDowngrade: device.configuration.channelAllowsDowngrade ?? false,
      avoided: Set(device.configuration.avoided ?? []),
      knownBad: (state?.knownBad ?? []).compactMap { bad in
        (try? SemanticVersion(bad.version)).map { KnownBad(version: $0, tree: bad.tree) }
      },
      inconclusive: state?.inconclusive ?? [], request: request)
    let decision = Decision.choose(in: situation)
    if case .refused(let version, let refusal) = decision.outcome {
      throw UpdatingError(
        .untrusted, "\(version) is offered, but the product's offline role does not allow it (\(refusal.rawValue))",
        remedy: "the publisher must look at who holds the rollout key; this device stays as it is")
    }
    guard let version = decision.target else {
      return Made(target: nil, waitingFor: decision.waitingFor, policy: policy)
    }
    guard let targets = try await door.targets(of: version) else {
      throw UpdatingError(
        .untrusted, "\(version) is offered, but it is not signed for \(device.platform)",
        remedy: "the publisher must pack and sign it for this platform")
    }
    return Made(
      target: targets, waitingFor: decision.waitingFor, policy: policy,
      critical: policy.critical.contains(version) || decision.leavesBad)
  }

  func channelName(_ installed: SemanticVersion?) throws -> String {
    if let channel = device.configuration.channel { return channel }
    return try installed.map { try device.manifest(of: $0).channel } ?? "stable"
  }

  func bucket(_ version: SemanticVersion?, seed: String?) throws -> Int {
    guard let version, let seed, let bytes = Hex.decode(seed) else { return 0 }
    return try Bucket.number(seed: bytes, product: device.layout.product, version: version) {
      try sha256($0).bytes
    }
  }
}
