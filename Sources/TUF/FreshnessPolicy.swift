/// Which expiry dates hold. Root and targets always must be unexpired, and so must every role not waived by name.
public struct FreshnessPolicy: Sendable, Equatable {
  private let waived: Set<String>
  /// Seconds past the timestamp's expiry.
  private let maximumAge: Int64

  private init(waived: Set<String>, maximumAge: Int64) {
    self.waived = waived
    self.maximumAge = maximumAge
  }

  /// Everything must be unexpired, as the specification says.
  public static let strict = FreshnessPolicy(waived: [], maximumAge: 0)

  /// For bundles that are older than their timestamp: the expiry of timestamp, snapshot and `waivedRoles` does not
  /// count until `maximumAge` seconds after the timestamp's expiry. "root" and "targets" are never waived.
  public static func offline(maximumAge: Int64, waivedRoles: Set<String> = []) -> FreshnessPolicy {
    let waived = waivedRoles.union(["timestamp", "snapshot"]).subtracting(["root", "targets"])
    return FreshnessPolicy(waived: waived, maximumAge: max(0, maximumAge))
  }

  /// Throws `expired` unless `header` is usable at `now`. A date equal to `now` has passed (sections 5.3.10, 5.4.4,
  /// 5.5.6, 5.6.5). `timestampExpires` is that of the timestamp this update goes by.
  func check(_ header: Header, role: String, now: Int64, timestampExpires: Int64?) throws(TUFError) {
    guard header.expires <= now else { return }
    let date = ISO8601.format(header.expires) ?? "long ago"
    guard waived.contains(role), let timestampExpires else {
      throw TUFError(.expired, role: role, got: header.version, "version \(header.version) expired \(date)")
    }
    let (age, overflow) = now.subtractingReportingOverflow(timestampExpires)
    guard !overflow, age <= maximumAge else {
      throw TUFError(
        .expired, role: role, got: header.version,
        "version \(header.version) expired \(date), too long ago even for an offline update")
    }
  }
}
