/// Which version a device should be on, and why it is not on a newer one.
public struct Decision: Equatable, Sendable {
  public enum Outcome: Equatable, Sendable {
    /// Nothing newer is offered.
    case upToDate
    /// Something is, and `waitingFor` says why it is not taken.
    case stay
    /// Also the first installation.
    case update(to: SemanticVersion)
    case downgrade(to: SemanticVersion, because: DowngradeReason)
    /// A change is under way; nothing is decided before it ends.
    case changing(to: SemanticVersion)
    /// The offer names what the offline role does not allow: an error, and perhaps a stolen rollout key.
    case refused(SemanticVersion, Refusal)
  }

  public enum DowngradeReason: String, Equatable, Sendable {
    case blocked, haltedWithRollBack, pin, channel
  }

  public enum Refusal: String, Equatable, Sendable {
    case notSigned, notForThisPlatform, notListed, belowFloor
  }

  public let outcome: Outcome
  public let waitingFor: [WaitingFor]

  public init(_ outcome: Outcome, waitingFor: [WaitingFor] = []) {
    self.outcome = outcome
    self.waitingFor = waitingFor.ordered
  }

  /// Whether the installed version is left because it is bad.
  public var leavesBad: Bool {
    if case .downgrade(_, because: .blocked) = outcome { return true }
    if case .downgrade(_, because: .haltedWithRollBack) = outcome { return true }
    return false
  }

  /// The version to stage and switch to, if any.
  public var target: SemanticVersion? {
    switch outcome {
    case .update(let version), .downgrade(let version, _): version
    case .upToDate, .stay, .changing, .refused: nil
    }
  }
}

extension Decision {
  /// Chooses. The rollout role picks only among what the offline role has signed, listed and not blocked, at or above
  /// the floor; a pin and `updates off` hold against both.
  public static func choose(in situation: Situation) -> Decision {
    if let version = situation.changingTo { return Decision(.changing(to: version)) }
    let decision =
      if let pin = situation.pin, let installed = situation.installed, situation.request != .force {
        pinned(pin, installed: installed, situation)
      } else {
        followed(situation)
      }
    // Switched off, that holds beside whatever else does.
    guard !situation.updatesOn, situation.request == .background,
      let missed = decision.target
        ?? decision.waitingFor.compactMap(\.version).first(where: { $0 != situation.installed })
    else { return decision }
    return Decision(.stay, waitingFor: decision.waitingFor + [WaitingFor(.updatesOff, version: missed)])
  }

  /// A pin is the device's own wish: rollout gates do not apply, the offline role's word does.
  private static func pinned(
    _ pin: Configuration.Pin, installed: SemanticVersion, _ situation: Situation
  ) -> Decision {
    let version = pin.version
    if version == installed {
      var free = situation
      free.pin = nil
      let wish = followed(free)
      if case .upToDate = wish.outcome { return wish }
      let missed = wish.target ?? situation.bundle ?? situation.offer?.version
      // What would hold without the pin holds beside it.
      let others = wish.target == nil ? wish.waitingFor : []
      return Decision(
        .stay,
        waitingFor: situation.complaints + others + [WaitingFor(.pin, version: missed, detail: "pinned to \(version)")])
    }
    var reasons = situation.obstacles(to: version)
    if let refusal = situation.refusal(of: version) {
      reasons.append(WaitingFor(.pin, version: version, detail: "the pinned version is \(refusal.rawValue)"))
    }
    if let bundle = situation.bundle, bundle != version {
      reasons.append(WaitingFor(.pin, version: bundle, detail: "pinned to \(version)"))
    }
    if version < installed {
      if !pin.allowDowngrade {
        reasons.append(WaitingFor(.pin, version: version, detail: "older than what is installed; --allow-downgrade"))
      }
      if situation.needsNewerUpdater(for: version) { reasons.append(WaitingFor(.minimumUpdater, version: version)) }
      guard reasons.isEmpty else { return Decision(.stay, waitingFor: situation.complaints + reasons) }
      return Decision(.downgrade(to: version, because: .pin))
    }
    return upgrade(to: version, unless: reasons, situation)
      ?? Decision(.stay, waitingFor: situation.complaints + reasons)
  }

  /// Without a pin: the bundle or the channel leads.
  private static func followed(_ situation: Situation) -> Decision {
    var reasons: [WaitingFor] = []
    var refused: Decision?
    if let version = situation.bundle ?? situation.offer?.version, version != situation.installed {
      if let refusal = situation.refusal(of: version) {
        refused = Decision(.refused(version, refusal), waitingFor: situation.complaints)
      } else {
        let attempt = attempt(version, situation)
        if attempt.target != nil { return attempt }
        reasons = attempt.waitingFor
      }
    }
    if let back = wayBack(situation) { return back }
    if let refused { return refused }
    let complaints = situation.complaints
    if reasons.isEmpty, complaints.isEmpty { return Decision(.upToDate) }
    return Decision(.stay, waitingFor: complaints + reasons)
  }

  /// Tries to follow an offer that may be chosen.
  private static func attempt(_ version: SemanticVersion, _ situation: Situation) -> Decision {
    let gates = situation.rolloutGates(of: version)
    var reasons = situation.obstacles(to: version)
    guard let installed = situation.installed, version < installed else {
      reasons += gates
      return upgrade(to: version, unless: reasons, situation) ?? Decision(.stay, waitingFor: reasons)
    }
    if situation.needsNewerUpdater(for: version) { reasons.append(WaitingFor(.minimumUpdater, version: version)) }
    if let why = situation.mustLeave {
      // Leaving a bad version is not a rollout: its gates would only keep the device on it.
      return reasons.isEmpty
        ? Decision(.downgrade(to: version, because: why)) : Decision(.stay, waitingFor: reasons)
    }
    // An older offer is no news to a device that did not ask for it.
    guard situation.channelAllowsDowngrade, situation.bundle == nil else { return Decision(.upToDate) }
    reasons += gates
    return reasons.isEmpty
      ? Decision(.downgrade(to: version, because: .channel)) : Decision(.stay, waitingFor: reasons)
  }

  /// An update to a newer version, or to the stepping stone before it; nil when something stands against it.
  private static func upgrade(
    to version: SemanticVersion, unless reasons: [WaitingFor], _ situation: Situation
  ) -> Decision? {
    guard situation.needsNewerUpdater(for: version) else {
      return reasons.isEmpty ? Decision(.update(to: version)) : nil
    }
    let step = WaitingFor(
      .minimumUpdater, version: version, detail: situation.policy.minimumUpdater.map { "needs updater \($0)" })
    if reasons.isEmpty, situation.bundle == nil, let via = situation.policy.via,
      situation.installed.map({ via > $0 }) ?? true, situation.isFree(via)
    {
      return Decision(.update(to: via), waitingFor: [step])
    }
    return Decision(.stay, waitingFor: situation.complaints + reasons + [step])
  }

  /// The newest older version that is allowed, when the installed one must be left.
  private static func wayBack(_ situation: Situation) -> Decision? {
    guard let installed = situation.installed, let why = situation.mustLeave, situation.bundle == nil else {
      return nil
    }
    let older = situation.releases.versions.filter { $0 < installed && situation.isFree($0) }
    return older.last.map { Decision(.downgrade(to: $0, because: why)) }
  }
}
