import Bundles
import Installation
import Product

extension Offered {
  /// The offline role's word holds for a Setup file too.
  static func hold(_ version: SemanticVersion, against policy: Policy) throws {
    let refusal: String? =
      if policy.blocked.contains(version) {
        "is blocked by its publisher"
      } else if !policy.releases.contains(version) {
        "is not among the releases that its publisher allows"
      } else if let floor = policy.floor, version < floor {
        "is older than \(floor), the oldest that its publisher accepts"
      } else {
        nil
      }
    guard let refusal else { return }
    throw Failure(
      .forbiddenVersion, name: "blocked", "\(version) \(refusal)",
      remedy: "get a newer Setup file from the publisher; nothing here was changed")
  }

  /// The rollout role does not choose here, but a halt that the file or the device knows of holds.
  static func hold(
    _ version: SemanticVersion, againstHaltsKnownTo door: inout Door, channel: String
  ) async throws {
    let offer = try await door.knownChannel(channel)?.platforms[door.platform]
    guard let halt = offer?.halt(of: version) else { return }
    throw Failure(
      .forbiddenVersion, name: "halted", "\(version) is halted by its publisher: \(halt.reason)",
      remedy: "get a newer Setup file from the publisher; nothing here was changed")
  }
}
