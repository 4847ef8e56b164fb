import Product

extension Finding {
  /// Seconds that a clock may be off before it is told, and before it is held against the device: metadata is signed for a
  /// day at a time, and certificates are judged by the same clock.
  static let clockTolerance: Int64 = 5 * 60
  static let clockLimit: Int64 = 86_400

  static func clock(_ needs: PrerequisiteNeeds, _ facts: HostFacts) -> Finding {
    let remedy = "Set the clock: 'timedatectl set-ntp true', or by hand 'timedatectl set-time'."
    if facts.now < needs.builtAt {
      return fail("\(duration(from: facts.now, to: needs.builtAt)) behind the day this version was built", remedy)
    }
    if let trusted = facts.trustedAt, trusted > facts.now, gap(from: facts.now, to: trusted) > clockTolerance {
      return fail(
        "\(duration(from: facts.now, to: trusted)) behind the newest metadata that this device trusts", remedy)
    }
    guard let ahead = facts.repositoryAhead else {
      return pass(
        facts.trustedAt == nil
          ? "later than this version's build; the repository's clock was not asked"
          : "later than the newest trusted metadata; the repository's clock was not asked")
    }
    let off = ahead.magnitude > UInt64(Int64.max) ? Int64.max : Int64(ahead.magnitude)
    let reason = "\(duration(off)) \(ahead > 0 ? "behind" : "ahead of") the repository's clock"
    if off > clockLimit { return fail(reason, remedy) }
    if off > clockTolerance { return warn(reason, remedy) }
    return pass("within \(clockTolerance / 60) min of the repository's clock")
  }

  /// Seconds; dates may be as far apart as numbers go, for who signs may write any.
  private static func gap(from earlier: Int64, to later: Int64) -> Int64 {
    let (seconds, overflow) = later.subtractingReportingOverflow(earlier)
    return overflow ? .max : seconds
  }

  private static func duration(from earlier: Int64, to later: Int64) -> String {
    duration(gap(from: earlier, to: later))
  }

  private static func duration(_ seconds: Int64) -> String {
    switch seconds {
    case (2 * 86_400)...: "\(seconds / 86_400) days"
    case (2 * 3600)...: "\(seconds / 3600) h"
    default: "\(max((seconds + 30) / 60, 1)) min"
    }
  }
}
