import Foundation
import Product
import Testing

@testable import Prerequisites
@testable import TPMState

/// A device on which everything is right.
func goodFacts() -> HostFacts {
  var facts = HostFacts()
  facts.tpm = TPMFacts("device:/dev/tpmrm0", .success(TPMProperties()))
  facts.accounts = ["root", "Admin", "Skype"]
  facts.versions = SpaceNeed.Volume(folder: "/opt", device: 1, freeBytes: 10_000_000_000)
  facts.state = SpaceNeed.Volume(folder: "/var", device: 1, freeBytes: 10_000_000_000)
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
      packages: ["debian": ["libtss2-esys-3.0.2-0"]], required: [.accounts]),
    archiveBytes: 100_000_000, treeBytes: 300_000_000, inodes: 5000)
  needs.builtAt = 1_900_000_000
  return needs
}

enum Outcome { case reached, refused, proxyRefused, proxyUnreachable, repositoryBlocked }

/// The network as it was found: an address for each outcome.
func tried(_ outcomes: Outcome...) -> NetworkFacts {
  var facts = NetworkFacts(proxy: "none is set")
  facts.endpoints = outcomes.enumerated().map { index, outcome in
    let host = "host\(index).example.com"
    return switch outcome {
    case .reached: EndpointReport(host: host, port: 443)
    case .refused: EndpointReport(host: host, port: 443, obstacle: .refused)
    case .proxyRefused:
      EndpointReport(host: host, port: 443, way: "PROXY p:3128", obstacle: .proxyRefused, detail: "403")
    case .proxyUnreachable:
      EndpointReport(host: host, port: 443, way: "PROXY p:3128", obstacle: .proxyUnreachable, detail: "refused")
    case .repositoryBlocked: EndpointReport(host: host, port: 443, isRepository: true, obstacle: .timedOut)
    }
  }
  return facts
}

/// Reached by the proxy that the variables of a shell name.
func ofShell() -> NetworkFacts {
  var facts = NetworkFacts(proxy: "environment")
  facts.isOfShell = true
  facts.endpoints = [EndpointReport(host: "a", port: 443, way: "PROXY p:3128")]
  return facts
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
    #expect(checklist.results.filter { $0.verdict == .pass }.map(\.id).contains([.accounts, .disk, .os, .clock]))
  }

  @Test(arguments: [Check.proxy, .network]) func whatIsNotNeededIsNotChecked(check: Check) throws {
    #expect(try result(check).verdict == .notChecked)
  }

  /// By the formula: 100 MB twice, 300 MB, 5000 half blocks, 64 MiB, and the product's 1 GB.
  static let needed: Int64 = 200_000_000 + 300_000_000 + 5000 * 2048 + (64 << 20) + 1_000_000_000

  static let defects: [(Check, ExitCode, Change)] = [
    (.elevation, .notElevated, { $1.user = 1000 }),
    (.accounts, .accountMissing, { $1.accounts = ["Admin"] }),
    (.accounts, .accountMissing, { $1.accounts = ["admin", "skype"] }),
    (.accounts, .accountMissing, { $1.accounts = nil }),
    (.disk, .diskSpace, { $1.versions?.freeBytes = needed - 1 }),
    (.disk, .diskSpace, { $1.versions = nil }),
    (.disk, .diskSpace, { $1.versions?.freeInodes = 5063 }),
    (.disk, .diskSpace, { $1.state = SpaceNeed.Volume(folder: "/var", device: 2, freeBytes: 200_000_000) }),
    (.disk, .diskSpace, { needs, _ in needs.space = SpaceNeed(treeBytes: .max, inodes: .max) }),
    (.network, .networkOrProxy, { $1.network = tried(.reached, .refused) }),
    (.network, .networkOrProxy, { $1.unanswered = [.network: 15] }),
    (.proxy, .networkOrProxy, { $1.network = NetworkFacts(proxy: "", proxyFault: .init("no script", remedy: "mend")) }),
    (.os, .otherPrerequisite, { $1.system = OSRelease(id: "debian", versionID: "11") }),
    (.os, .otherPrerequisite, { $1.system = OSRelease(id: "fedora", versionID: "12") }),
    (.os, .otherPrerequisite, { $1.system = nil }),
    (.os, .otherPrerequisite, { $1.kernel = DottedVersion(5, 5, 19) }),
    (.clock, .otherPrerequisite, { $1.now = 0 }),
    (.clock, .otherPrerequisite, { $1.trustedAt = 2_000_000_301 }),
    (.clock, .otherPrerequisite, { ($1.trustedAt, $1.now, $0.builtAt) = (.max, -1, -1) }),
    (.clock, .otherPrerequisite, { ($1.now, $0.builtAt) = (-1, .max) }),
    (.clock, .otherPrerequisite, { $1.repositoryAhead = 86_401 }),
    (.clock, .otherPrerequisite, { $1.repositoryAhead = -86_401 }),
    (.clock, .otherPrerequisite, { $1.repositoryAhead = .min }),
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
    facts.versions?.freeBytes = 0
    let checklist = Checklist.run(needs: someNeeds(), facts: facts)
    #expect(checklist.failures.map(\.id) == [.elevation, .accounts, .disk])
    #expect(checklist.exitCode == .notElevated)
  }

  @Test func aCheckCanBeSkipped() throws {
    let skipped = try result(.disk, skip: [.disk]) { $1.versions?.freeBytes = 0 }
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
    (.disk, { $1.versions?.freeBytes = needed }),
    (.disk, { $1.versions = SpaceNeed.Volume(folder: "/opt", device: 2, freeBytes: needed - 200_000_000) }),
    (.clock, { $1.trustedAt = 2_000_000_300 }),
    (.clock, { $1.trustedAt = .min }),
    (.clock, { $1.repositoryAhead = 300 }),
    (.clock, { $1.repositoryAhead = -300 }),
    (.network, { $1.network = tried(.reached, .reached) }),
    (.proxy, { $1.network = tried(.reached, .refused) }),
    (.accounts, { (needs, _) in needs.rules.accounts = [#".\Admin"#, "Skype"] }),
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

  /// What could not be looked at has not been passed.
  static let unmade: [(Check, ExitCode, Change)] = [
    (.tpm, .tpm, { $1.tpm = nil }),
    (.proxy, .networkOrProxy, { $1.network = nil }),
    (.network, .networkOrProxy, { $1.network = nil }),
    (.libraries, .otherPrerequisite, { $1.packages = nil }),
  ]

  @Test(arguments: unmade.indices) func aRequiredCheckThatCannotBeMadeFails(index: Int) throws {
    let (check, code, change) = Self.unmade[index]
    var (needs, facts) = (someNeeds(), goodFacts())
    (needs.rules.tpm, needs.rules.required) = (.optional, [])
    change(&needs, &facts)
    let lenient = Checklist.run(needs: needs, facts: facts)
    #expect(lenient.isOK)
    #expect(lenient.results.first { $0.id == check }.map { [$0.verdict.rawValue, $0.remedy] } == ["notChecked", ""])
    needs.rules.required = [check]
    let strict = Checklist.run(needs: needs, facts: facts)
    #expect(strict.failures.map(\.id) == [check] && strict.exitCode == code)
    #expect(strict.failures.allSatisfy { $0.reason.hasPrefix("not checked: ") && !$0.remedy.isEmpty })
  }

  static let warnings: [(Check, Change)] = [
    (.proxy, { $1.network = ofShell() }),
    (.clock, { $1.repositoryAhead = 301 }),
    (.clock, { $1.repositoryAhead = -86_400 }),
    (.network, { $1.network = tried(.reached, .repositoryBlocked) }),
  ]

  @Test(arguments: warnings.indices) func aWarningSaysWhatToDoAndStopsNothing(index: Int) throws {
    let (check, change) = Self.warnings[index]
    var (needs, facts) = (someNeeds(), goodFacts())
    change(&needs, &facts)
    let checklist = Checklist.run(needs: needs, facts: facts)
    let result = try #require(checklist.results.first { $0.id == check })
    #expect(result.verdict == .warning)
    #expect(!result.remedy.isEmpty)
    #expect(checklist.isOK && checklist.exitCode == .success)
  }

  @Test func aProxyThatAnswersNobodyIsTheProxysFault() throws {
    let (proxy, network) = (
      try result(.proxy) { $1.network = tried(.proxyUnreachable, .proxyUnreachable) },
      try result(.proxy) { $1.network = tried(.reached, .proxyRefused) }
    )
    #expect(proxy.verdict == .fail && proxy.reason.contains("PROXY p:3128"))
    #expect(network.verdict == .pass)
  }

  @Test func whatIsBlockedIsNamedWithHowAndByWhomItIsToBeAllowed() throws {
    let result = try result(.network) { $1.network = tried(.reached, .refused, .proxyRefused, .refused) }
    #expect(
      result.reason
        == "3 of 4 blocked: host1.example.com:443, host3.example.com:443 (refused); host2.example.com:443 (refused by the proxy: 403)"
    )
    #expect(result.remedy.contains("outgoing TCP to host1.example.com:443, host3.example.com:443 from this device"))
    #expect(result.remedy.contains("whoever runs the proxy (PROXY p:3128) to allow CONNECT to host2.example.com:443"))
    #expect(result.endpoints?.count == 4)
  }

  /// A password would not help, so none is asked for.
  @Test func aProxyThatWantsAnotherLogInIsToldApart() throws {
    let result = try result(.proxy) { _, facts in
      facts.network = NetworkFacts(proxy: "manual")
      facts.network?.endpoints = [
        EndpointReport(host: "a", port: 443, way: "PROXY p:1", obstacle: .proxyScheme, detail: "NTLM, Negotiate")
      ]
    }
    #expect(result.verdict == .fail && result.reason == "PROXY p:1 offers no log-in but NTLM, Negotiate (407)")
    #expect(result.remedy.contains("Basic alone") && !result.remedy.contains("credentials"))
  }

  /// What may be the server's own answer does not stop an installation; what is blocked for certain does.
  @Test(arguments: [
    ([EndpointReport.Obstacle.proxyOrServer], CheckResult.Verdict.warning), ([.proxyOrServer, .refused], .fail),
  ])
  func whoseAnswerItWasIsNotMadeUp(obstacles: [EndpointReport.Obstacle], verdict: CheckResult.Verdict) throws {
    let result = try result(.network) { _, facts in
      facts.network = NetworkFacts(proxy: "manual")
      facts.network?.endpoints = obstacles.map {
        EndpointReport(host: "a", port: 80, way: "PROXY p:1", obstacle: $0, detail: "403")
      }
    }
    #expect(result.verdict == verdict && result.reason.contains("a:80 (answered by the proxy or the server: 403)"))
  }

  @Test func everyObstacleHasARemedyThatNamesTheHost() throws {
    for obstacle in EndpointReport.Obstacle.allCases {
      var facts = goodFacts()
      facts.network = NetworkFacts(proxy: "none is set")
      facts.network?.endpoints = [
        EndpointReport(host: "::1", port: 8443, way: "PROXY p:1", obstacle: obstacle, signer: "Example CA")
      ]
      let checklist = Checklist.run(needs: someNeeds(), facts: facts)
      let result = try #require(checklist.results.first { $0.id == .network })
      #expect(result.reason.contains("[::1]:8443 ("), "\(obstacle)")
      #expect(result.remedy.hasSuffix(".") && result.remedy.count > 30, "\(obstacle)")
    }
  }

  @Test func aMissingAccountIsExplained() throws {
    let capitals = try result(.accounts) {
      $0.rules.accounts = [#".\admin"#, "Skype", "Kiosk"]
      $1.directoryAccounts = ["Kiosk"]
    }
    #expect(
      capitals.reason
        == #"missing: admin (.\admin is this device's own 'admin') (there is 'Admin': capitals count), "#
        + "Kiosk (a directory service knows it, but it is no account of this device)")
    #expect(capitals.remedy.contains("useradd --create-home 'admin' && useradd --create-home 'Kiosk'"))
  }
}
