import Product
import Testing

@testable import Prerequisites
@testable import TPMState

/// What is said of a TPM, with reason and remedy; TPMTests and system/test_tpm.py find the facts for real.
@Suite struct FindingTPMTests {
  private static let faults: [TPMError.Code] = [
    .libraryMissing, .noDevice, .permission, .notTPM2, .failureMode, .lockout(counter: 3, recoverySeconds: 600),
    .transient, .ownerPassword, .unusable, .notADevice,
  ]

  private func finding(
    _ outcome: Result<TPMProperties, TPMError>, _ rule: PrerequisiteRules.TPM = .required, user: UInt32 = 0
  ) -> Finding {
    var (needs, facts) = (someNeeds(), goodFacts())
    needs.rules.tpm = rule
    facts.user = user
    facts.tpm = TPMFacts("device:/dev/tpmrm0", outcome)
    return Finding.of(.tpm, needs, facts)
  }

  @Test func eachFaultHasItsOwnReasonAndRemedy() {
    let found = Self.faults.map { finding(.failure(TPMError($0, "where"))) }
    #expect(found.allSatisfy { $0.verdict == .fail && $0.reason.hasSuffix("(where)") })
    #expect(Set(found.map(\.reason)).count == Self.faults.count)
    #expect(Set(found.map(\.remedy)).count == Self.faults.count)
    #expect(!found.contains { $0.remedy.isEmpty })
  }

  /// Whoever clears a TPM to get rid of a password destroys every key in it.
  @Test func nobodyIsToldToClearTheTPM() {
    #expect(!Self.faults.contains { TPMError($0, "where").remedy.lowercased().contains("clear the tpm") })
  }

  @Test func onlyWhereThereIsNoneAreTheKnownWordsSaid() {
    for code in Self.faults {
      let found = finding(.failure(TPMError(code, "where")))
      let result = CheckResult(
        id: .tpm, required: true, verdict: found.verdict, reason: found.reason, remedy: found.remedy)
      let line = Checklist.complaint(result, needs: someNeeds()).split(separator: "\n")[0]
      #expect((line == KnownMessage.tpmNotFound) == (code == .noDevice))
    }
  }

  @Test func whatCanDoWithoutIsWarned() {
    #expect(finding(.failure(TPMError(.noDevice, "")), .optional).verdict == .warning)
    #expect(finding(.failure(TPMError(.noDevice, "")), .ignored).verdict == .notChecked)
    #expect(finding(.success(TPMProperties()), .optional).verdict == .pass)
  }

  @Test func whoMayNotLookKnowsNothing() {
    #expect(finding(.failure(TPMError(.permission, "")), user: 1000).verdict == .warning)
    #expect(finding(.failure(TPMError(.noDevice, "")), user: 1000).verdict == .fail)
  }

  @Test func aSoundOneSaysWhatItIs() {
    var properties = TPMProperties()
    (properties.family, properties.manufacturer, properties.firmware) = ("2.0", "INTC", "1.2.3.4")
    #expect(finding(.success(properties)) == .pass("TPM 2.0 of INTC, firmware 1.2.3.4"))
  }
}
