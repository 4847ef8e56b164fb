import Foundation
import Product
import Testing

@testable import Prerequisites

@Suite struct RenderingTests {
  func failing() -> Checklist {
    var facts = goodFacts()
    facts.user = 1000
    facts.accounts = []
    return Checklist.run(needs: someNeeds(), facts: facts)
  }

  @Test func theJSONIsTheContracts() throws {
    struct Document: Decodable {
      var schema: String
      var ok: Bool
      var checks: [CheckResult]
    }
    let document = try JSONDecoder().decode(Document.self, from: Data(try failing().json()))
    #expect(document.schema == "slipway.check/1")
    #expect(!document.ok)
    #expect(document.checks == failing().results)
    let text = String(decoding: try failing().json(), as: UTF8.self)
    #expect(text.contains(#""verdict":"fail""#) && text.contains(#""verdict":"notChecked""#))
  }

  @Test func peopleGetALineACheckAndWhatToDo() {
    let lines = failing().text().split(separator: "\n")
    #expect(lines.count == 10 + 2)
    #expect(lines[0].hasPrefix("FAILED      elevation"))
    #expect(lines[1].hasPrefix("ok          tpm"))
    #expect(lines[10].hasPrefix("elevation:") && lines[10].contains("sudo"))
  }

  @Test func theWordsThatAdminsKnowStay() {
    let complaints = failing().failures.map { Checklist.complaint($0, needs: someNeeds()) }
    #expect(complaints[0].hasPrefix("ERROR: Please run this application with elevated privileges\nRun it again"))
    #expect(complaints[1].hasPrefix("ERROR: Local user account named 'Admin' or 'Skype' not found\nMake each missing"))
    let tpm = CheckResult(id: .tpm, required: true, verdict: .fail, reason: "", remedy: KnownMessage.tpmRemedy)
    #expect(
      Checklist.complaint(tpm, needs: someNeeds())
        == """
        ERROR: TPM data cannot be found
        BIOS: Advanced > Security > Intel Platform Trust Technology, F10

        """)
  }

  @Test(arguments: [
    (["A"], "'A'"), (["A", "B"], "'A' or 'B'"), (["A", "B", "C"], "'A', 'B' or 'C'"), ([#".\A"#, "B"], "'A' or 'B'"),
  ])
  func allAccountsAreNamed(accounts: [String], listed: String) {
    #expect(KnownMessage.accountMissing(accounts) == "ERROR: Local user account named \(listed) not found")
  }

  @Test func exitCodesAreTheContracts() {
    let codes = ExitCode.allCases.map(\.rawValue)
    #expect(
      codes == [
        0, 1, 2, 10, 11, 12, 13, 14, 15, 20, 21, 22, 23, 24, 30, 31, 32, 33, 40, 41, 42, 50, 51, 60, 64, 65, 70, 75, 78,
        130, 143,
      ])
    #expect(Check.allCases.map { ExitCode(failed: $0).rawValue } == [11, 12, 13, 14, 14, 30, 15, 15, 15, 15])
  }
}
