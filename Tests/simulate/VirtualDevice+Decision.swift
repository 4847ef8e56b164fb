import Bundles
import Cryptography
import Installation
import Product
import TUF

extension VirtualDevice {
  mutating func decide(_ source: AfterTimestamp, _ now: Int64, _ world: World) async throws {
    let id = world.product.id
    let platform = world.product.platform
    var client = Client(source: source, store: store, now: now)
    try await client.refresh()
    let policyInfo = try await client.target(TargetNames.policy(id))
    let channelInfo = try await client.target(TargetNames.channel(world.product.channel, of: id))
    guard let policyInfo, let channelInfo else { throw SimulationError("no policy, or no channel") }
    let policy = try Policy.parse(try await small(policyInfo, world), for: id)
    let channel = try Channel.parse(try await small(channelInfo, world), for: id, channel: world.product.channel)
    let releases = SignedReleases(
      try await client.targets(signedBy: id.role).compactMap { info in
        info.hashes["sha256"].map { SignedReleases.Target(name: info.path, role: info.role, sha256: $0) }
      }, of: id)
    let offer = channel.platforms[platform]
    let bucket = try offer.map {
      try Bucket.number(seed: seed, product: id, version: $0.version) { try sha256($0).bytes }
    }
    let decision = Decision.choose(
      in: Situation(
        platform: platform, installed: installed, updater: world.first, policy: policy, releases: releases,
        offer: offer, bucket: bucket ?? 0, now: Product.Timestamp(seconds: now),
        knownBad: state.knownBad.compactMap { bad in
          (try? SemanticVersion(bad.version)).map { KnownBad(version: $0, tree: bad.tree) }
        }, inconclusive: state.inconclusive))
    if case .refused(let version, let why) = decision.outcome { throw SimulationError("\(version) refused: \(why)") }
    state.waitingFor = decision.waitingFor
    guard let version = decision.target, let tree = releases.tree(of: version, on: platform) else {
      state.staged = nil
      gateAt = nil
      return
    }
    leavesBad = decision.leavesBad
    guard state.staged?.tree != tree else { return }
    if version != previous {
      let release = ReleaseIdentity(id: id, version: version, platform: platform)
      guard let archive = try await client.target(TargetNames.release(.archive, of: release)) else {
        throw SimulationError("\(version) has no archive")
      }
      asked += 1
      _ = try await world.repository.target(archive)
    }
    let time = Product.Timestamp(seconds: now)
    state.staged = .init(
      version: version, tree: tree, readySince: time, waitingSince: state.staged?.waitingSince ?? time)
    gateAt = now
  }

  /// A policy or a channel, brought once.
  private mutating func small(_ info: TargetInfo, _ world: World) async throws -> [UInt8] {
    guard let hash = info.hashes["sha256"] else { throw SimulationError("\(info.path) has no SHA-256") }
    if let bytes = kept[hash] { return bytes }
    asked += 1
    let bytes = try await world.repository.target(info)
    kept = kept.filter { $0.key == hash || kept.count < 4 }
    kept[hash] = bytes
    return bytes
  }
}
