extension Situation {
  /// Why a version may never be chosen, whoever asks; the offline role's word. Nil when it may.
  func refusal(of version: SemanticVersion) -> Decision.Refusal? {
    let platforms = releases.platforms(of: version)
    if platforms.isEmpty { return .notSigned }
    if !platforms.contains(platform) { return .notForThisPlatform }
    if !policy.releases.contains(version) { return .notListed }
    if let floor = policy.floor, version < floor { return .belowFloor }
    return nil
  }

  /// What stands against installing a version that may be chosen.
  func obstacles(to version: SemanticVersion) -> [WaitingFor] {
    var found: [WaitingFor] = []
    if policy.blocked.contains(version) { found.append(WaitingFor(.blocked, version: version)) }
    if let halt = offer?.halt(of: version) {
      found.append(WaitingFor(.halted, version: version, detail: halt.reason.isEmpty ? nil : halt.reason))
    }
    let tree = releases.tree(of: version, on: platform)
    if knownBad.contains(where: { $0.version == version && $0.tree == tree }) {
      found.append(WaitingFor(.knownBad, version: version, detail: "failed on this device"))
    }
    if request != .force, avoided.contains(version) {
      found.append(WaitingFor(.pin, version: version, detail: "left by hand; 'slipway unpin' takes it back"))
    }
    if request == .background,
      let attempt = inconclusive.first(where: { $0.version == version && $0.tree == tree }), !attempt.isDue(at: now)
    {
      found.append(WaitingFor(.inconclusive, version: version, until: attempt.retryAt))
    }
    return found
  }

  /// What the rollout asks this device to wait for.
  func rolloutGates(of version: SemanticVersion) -> [WaitingFor] {
    guard bundle == nil, let offer else { return [] }
    var found: [WaitingFor] = []
    if !offer.rings.isEmpty, rings.isDisjoint(with: offer.rings) {
      found.append(WaitingFor(.ring, version: version, detail: offer.rings.joined(separator: ", ")))
    }
    guard request == .background else { return found }
    if bucket >= offer.percent {
      found.append(WaitingFor(.percent, version: version, detail: "bucket \(bucket), rolled out to \(offer.percent) %"))
    }
    if let notBefore = offer.notBefore, now < notBefore {
      found.append(WaitingFor(.notBefore, version: version, until: notBefore))
    }
    return found
  }

  /// Whether the running updater is too old for a version.
  func needsNewerUpdater(for version: SemanticVersion) -> Bool {
    guard let minimum = policy.minimumUpdater, updater < minimum else { return false }
    return policy.via.map { version > $0 } ?? true
  }

  /// Whether nothing at all stands against a version.
  func isFree(_ version: SemanticVersion) -> Bool {
    refusal(of: version) == nil && obstacles(to: version).isEmpty && !needsNewerUpdater(for: version)
  }

  /// Why the installed version must be left, if it must.
  var mustLeave: Decision.DowngradeReason? {
    guard let installed else { return nil }
    if policy.blocked.contains(installed) { return .blocked }
    return offer?.halt(of: installed)?.rollBack == true ? .haltedWithRollBack : nil
  }

  /// What is to be said against the installed version itself.
  var complaints: [WaitingFor] {
    guard let installed else { return [] }
    var found: [WaitingFor] = []
    if policy.blocked.contains(installed) {
      found.append(WaitingFor(.blocked, version: installed, detail: "the installed version is blocked"))
    } else if let floor = policy.floor, installed < floor {
      found.append(WaitingFor(.blocked, version: installed, detail: "the installed version is older than \(floor)"))
    }
    if offer?.halt(of: installed) != nil {
      found.append(WaitingFor(.halted, version: installed, detail: "the installed version is halted"))
    }
    return found
  }
}
