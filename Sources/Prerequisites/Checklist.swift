import Product

/// All checks with their outcomes, in the order of the ids.
public struct Checklist: Sendable, Equatable {
  public let results: [CheckResult]

  public init(results: [CheckResult]) { self.results = results }

  /// Pure: the same needs and facts give the same verdicts. A check in `skip` that is required is made all the same.
  public static func run(needs: PrerequisiteNeeds, facts: HostFacts, skip: Set<Check> = []) -> Checklist {
    Checklist(
      results: Check.allCases.map { check in
        let required = needs.requires(check)
        if skip.contains(check) && !required {
          return CheckResult(id: check, required: false, verdict: .skipped, reason: "left out on request")
        }
        let finding = Finding.of(check, needs, facts).held(required: required)
        return CheckResult(
          id: check, required: required, verdict: finding.verdict, reason: finding.reason, remedy: finding.remedy,
          endpoints: check == .network ? facts.network?.endpoints : nil)
      })
  }

  public var failures: [CheckResult] { results.filter { $0.verdict == .fail } }
  public var isOK: Bool { failures.isEmpty }

  /// That of the first failure in the order of the ids.
  public var exitCode: ExitCode { failures.first.map { ExitCode(failed: $0.id) } ?? .success }
}
