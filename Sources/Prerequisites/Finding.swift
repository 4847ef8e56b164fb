import Product

/// What a check finds, before it is known whether it was required.
struct Finding: Equatable {
  /// A check that a product requires, and that could not be made, has not been passed.
  func held(required: Bool) -> Finding {
    guard verdict == .notChecked else { return self }
    return required ? .fail("not checked: \(reason)", remedy) : Finding(verdict: .notChecked, reason: reason)
  }

  let verdict: CheckResult.Verdict
  let reason: String
  var remedy = ""

  static func pass(_ reason: String) -> Finding { Finding(verdict: .pass, reason: reason) }
  static func warn(_ reason: String, _ remedy: String) -> Finding {
    Finding(verdict: .warning, reason: reason, remedy: remedy)
  }
  static func fail(_ reason: String, _ remedy: String) -> Finding {
    Finding(verdict: .fail, reason: reason, remedy: remedy)
  }
  /// - Parameter remedy: for products that require the check.
  static func notChecked(_ reason: String, _ remedy: String) -> Finding {
    Finding(verdict: .notChecked, reason: reason, remedy: remedy)
  }

  static func of(_ check: Check, _ needs: PrerequisiteNeeds, _ facts: HostFacts) -> Finding {
    if let seconds = facts.unanswered[check] {
      return fail("not answered within \(seconds) s", check.remedyWithoutAnswer)
    }
    return switch check {
    case .elevation: elevation(needs, facts)
    case .tpm: tpm(needs, facts)
    case .accounts: accounts(needs, facts)
    case .proxy: proxy(facts)
    case .network: network(facts)
    case .disk: disk(needs, facts)
    case .os: system(needs, facts)
    case .clock: clock(needs, facts)
    case .libraries: libraries(needs, facts)
    case .services: services(needs, facts)
    }
  }

  private static func elevation(_ needs: PrerequisiteNeeds, _ facts: HostFacts) -> Finding {
    guard needs.elevation else { return pass(facts.user == 0 ? "runs as root" : "not needed here") }
    guard facts.user != 0 else { return pass("runs as root") }
    return fail("runs as user \(facts.user), not as root", "Run it again with sudo, or as root.")
  }
}

extension Check {
  /// What to look at when a check's look never ended.
  fileprivate var remedyWithoutAnswer: String {
    switch self {
    case .proxy, .network:
      "Look at the network ('slipway proxy test URL' goes through it step by step), then try again."
    case .tpm: "Restart the device; if that does not help, look at 'journalctl -k | grep -i tpm'."
    default: "Look whether a file system of a server has gone ('mount', 'journalctl -k'), then try again."
    }
  }
}
