import Foundation
import Product
import Testing

@testable import Prerequisites

/// A device on which everything is right.
func goodFacts() -> HostFacts {
  var facts = HostFacts()
  facts.accounts = ["root", "Admin", "Skype"]
  facts.freeBytes = 10_000_000_000
  facts.system = OSRelease(id: "debian", versionID: "12", prettyName: "Debian GNU/Linux 12 (bookworm)")
  facts.kernel = DottedVersion(6, 1, 0)
  facts.glibc = DottedVersion(2, 36)
  facts.libraries = ["libgcc_s.so.1"]
  facts.packages = ["libtss2-esys-3.0.2-0"]
  facts.systemdRuns = true
  facts.systemdVersion = 252
  facts.now = 2_000_000_000
  return facts
}

func someNeeds() -> PrerequisiteNeeds {
  var needs = PrerequisiteNeeds(
    rules: PrerequisiteRules(
      tpm: .required, accounts: ["Admin", "Skype"], diskMinimumBytes: 1_000_000_000,
      os: [.init(id: "debian", versions: ["12", "13"]), .init(id: "ubuntu")],
      packages: ["debian": ["libtss2-esys-3.0.2-0"]], required: [.accounts]))
  needs.installationBytes = 500_000_000
  needs.installationInodes = 5000
  needs.builtAt = 1_900_000_000
  return needs
}

@Suite struct ChecklistTests {
  typealias Change = @Sendable (inout PrerequisiteNeeds, inout HostFacts) -> Void

  func result(_ check: Check, skip: Set<Check> = [], _ change: Change = { _, _ in }) throws -> CheckResult {
    var (needs, facts) = (someNeeds(), goodFacts())
    change(&needs, &facts)
    return try #require(Checklist.run(needs: needs, facts: facts, skip: skip).results.first { $0.id == check })
  }

  @Test func theOrderIsTheContracts() {
    let ids = Checklist.run(needs: someNeeds(), facts: goodFacts()).results.map(\.id.rawValue)
    #expect(
      ids == [
        "elevation", "tpm", "accounts", "proxy", "network", "disk", "os", "clock", "libraries", "services",
      ])
  }

  @Test func aGoodDevicePasses() {
    let checklist = Checklist.run(needs: someNeeds(), facts: goodFacts())
    #expect(checklist.isOK)
    #expect(checklist.exitCode == .success)
    #expect(checklist.results.filter { $0.verdict == .pass }.count == 7)
  }

  @Test(arguments: [Check.tpm, .proxy, .network]) func whatIsNotCheckedSaysSo(check: Check) throws {
    let result = try result(check)
    #expect(result.verdict == .notChecked)
    #expect(result.reason == "this version does not check it yet")
  }

  static let defects: [(Check, ExitCode, Change)] = [
    (.elevation, .notElevated, { $1.user = 1000 }),
    (.accounts, .accountMissing, { $1.accounts = ["Admin"] }),
    (.accounts, .accountMissing, { $1.accounts = ["admin", "skype"] }),
    (.accounts, .accountMissing, { $1.accounts = nil }),
    (.disk, .diskSpace, { $1.freeBytes = 1_499_999_999 }),
    (.disk, .diskSpace, { $1.freeBytes = nil }),
    (.disk, .diskSpace, { $1.freeInodes = 4999 }),
    (.disk, .diskSpace, { needs, _ in needs.installationBytes = .max }),
    (.os, .otherPrerequisite, { $1.system = OSRelease(id: "debian", versionID: "11") }),
    (.os, .otherPrerequisite, { $1.system = OSRelease(id: "fedora", versionID: "12") }),
    (.os, .otherPrerequisite, { $1.system = nil }),
    (.os, .otherPrerequisite, { $1.kernel = DottedVersion(5, 5, 19) }),
    (.clock, .otherPrerequisite, { $1.now = 0 }),
    (.libraries, .otherPrerequisite, { $1.glibc = DottedVersion(2, 35) }),
    (.libraries, .otherPrerequisite, { $1.glibc = nil }),
    (.libraries, .otherPrerequisite, { $1.libraries = [] }),
    (.libraries, .otherPrerequisite, { $1.packages = [] }),
    (.services, .otherPrerequisite, { $1.systemdRuns = false }),
    (.services, .otherPrerequisite, { $1.systemdVersion = 249 }),
  ]

  @Test(arguments: defects.indices) func eachDefectFailsItsCheckAlone(index: Int) throws {
    let (check, code, change) = Self.defects[index]
    var (needs, facts) = (someNeeds(), goodFacts())
    change(&needs, &facts)
    let checklist = Checklist.run(needs: needs, facts: facts)
    #expect(checklist.failures.map(\.id) == [check])
    #expect(checklist.exitCode == code)
    let failure = try #require(checklist.failures.first)
    #expect(!failure.reason.isEmpty && !failure.remedy.isEmpty)
  }

  @Test func theFirstFailureDecidesTheExitCode() {
    var facts = goodFacts()
    facts.user = 1
    facts.accounts = []
    facts.freeBytes = 0
    let checklist = Checklist.run(needs: someNeeds(), facts: facts)
    #expect(checklist.failures.map(\.id) == [.elevation, .accounts, .disk])
    #expect(checklist.exitCode == .notElevated)
  }

  @Test func aCheckCanBeSkipped() throws {
    let skipped = try result(.disk, skip: [.disk]) { $1.freeBytes = 0 }
    #expect(skipped.verdict == .skipped)
    #expect(!skipped.required)
  }

  @Test func aRequiredCheckCannotBeSkipped() throws {
    #expect(someNeeds().refusedSkips([.disk, .accounts, .tpm]) == [.tpm, .accounts])
    let made = try result(.accounts, skip: [.accounts]) { $1.accounts = [] }
    #expect(made.verdict == .fail)
    #expect(made.required)
  }

  static let harmless: [(Check, Change)] = [
    (.services, { $1.systemdVersion = nil }),
    (.os, { $1.system = OSRelease(id: "ubuntu", versionID: "24.04") }),
    (.libraries, { $1.system = OSRelease(id: "mint", idLike: ["ubuntu", "debian"], versionID: "21") }),
    (.disk, { $1.freeBytes = 1_500_000_000 }),
    (.elevation, { (needs, facts) in (needs.elevation, facts.user) = (false, 1000) }),
    (.services, { (needs, facts) in (needs.systemd, facts.systemdRuns) = (nil, false) }),
    (.os, { (needs, facts) in (needs.rules.os, facts.system) = ([], nil) }),
    (.accounts, { (needs, facts) in (needs.rules.accounts, facts.accounts) = ([], nil) }),
    (.libraries, { (needs, facts) in (needs.rules.packages, facts.packages) = (["fedora": ["x"]], nil) }),
  ]

  @Test(arguments: harmless.indices) func whatIsNotAskedForPasses(index: Int) throws {
    let (check, change) = Self.harmless[index]
    #expect(try result(check, change).verdict == .pass)
  }

  @Test func noPackageDatabaseIsSaidAndNotHeldAgainstTheDevice() throws {
    #expect(try result(.libraries) { $1.packages = nil }.verdict == .notChecked)
  }
}
