/// One reason why a device is not on a newer version, as `slipway status` lists it.
public struct WaitingFor: Hashable, Sendable, Codable {
  /// In the order in which reasons are listed.
  public enum Reason: String, Sendable, Codable, CaseIterable {
    case window, busy, hold, pin, percent, ring, notBefore, halted, blocked, knownBad, inconclusive, minimumUpdater
    case disk, network, clock, updatesOff
  }

  public let reason: Reason
  /// The version that the reason speaks of.
  public let version: SemanticVersion?
  /// When the reason ends by itself, if that is known.
  public let until: Timestamp?
  /// A sentence for people.
  public let detail: String?

  public init(
    _ reason: Reason, version: SemanticVersion? = nil, until: Timestamp? = nil, detail: String? = nil
  ) {
    self.reason = reason
    self.version = version
    self.until = until
    self.detail = detail
  }
}

extension [WaitingFor] {
  /// Each reason once for a version, in the order of `WaitingFor.Reason`.
  var ordered: [WaitingFor] {
    WaitingFor.Reason.allCases.flatMap { reason in
      var seen: Set<SemanticVersion?> = []
      return filter { $0.reason == reason && seen.insert($0.version).inserted }
    }
  }
}
