/// What a check finds, before it is known whether it was required.
struct Finding: Equatable {
  let verdict: CheckResult.Verdict
  let reason: String
  var remedy = ""

  static func pass(_ reason: String) -> Finding { Finding(verdict: .pass, reason: reason) }
  static func fail(_ reason: String, _ remedy: String) -> Finding {
    Finding(verdict: .fail, reason: reason, remedy: remedy)
  }
  static func notChecked(_ reason: String) -> Finding { Finding(verdict: .notChecked, reason: reason) }

  static func of(_ check: Check, _ needs: PrerequisiteNeeds, _ facts: HostFacts) -> Finding {
    switch check {
    case .elevation: elevation(needs, facts)
    case .tpm where needs.rules.tpm == .ignored: notChecked("the product does not use a TPM")
    case .tpm: notChecked("this version does not check it yet")
    case .accounts: accounts(needs, facts)
    case .proxy: notChecked("this version does not check it yet")
    case .network: notChecked("this version does not check it yet")
    case .disk: disk(needs, facts)
    case .os: system(needs, facts)
    case .clock: clock(needs, facts)
    case .libraries: libraries(needs, facts)
    case .services: services(needs, facts)
    }
  }

  private static func elevation(_ needs: PrerequisiteNeeds, _ facts: HostFacts) -> Finding {
    guard needs.elevation else { return pass("not needed for this root") }
    guard facts.user != 0 else { return pass("runs as root") }
    return fail("runs as user \(facts.user), not as root", "Run it again with sudo, or as root.")
  }

  private static func accounts(_ needs: PrerequisiteNeeds, _ facts: HostFacts) -> Finding {
    let wanted = needs.rules.accounts
    guard !wanted.isEmpty else { return pass("the product needs none") }
    guard let there = facts.accounts else {
      return fail("the local account file cannot be read", "Check that /etc/passwd is there and readable.")
    }
    let missing = wanted.filter { !there.contains($0) }
    guard !missing.isEmpty else { return pass("found: \(wanted.joined(separator: ", "))") }
    return fail(
      "missing: \(missing.joined(separator: ", "))",
      "Make the missing local account (accounts of a directory service do not count), then run this again.")
  }

  private static func clock(_ needs: PrerequisiteNeeds, _ facts: HostFacts) -> Finding {
    guard facts.now < needs.builtAt else { return pass("later than this version's build") }
    return fail(
      "set to a time before this version was built, by \(duration(needs.builtAt - facts.now))",
      "Set the clock: 'timedatectl set-ntp true', or 'timedatectl set-time'.")
  }

  private static func duration(_ seconds: Int64) -> String {
    seconds >= 2 * 86400 ? "\(seconds / 86400) days" : "\(max(seconds / 3600, 1)) h"
  }
}
