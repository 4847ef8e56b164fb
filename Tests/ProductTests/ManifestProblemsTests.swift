import Product
import Testing

@Suite struct ManifestProblemsTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let key: String
    let break_: @Sendable (inout ProductManifest) throws -> Void
    var testDescription: String { key }

    init(_ key: String, _ break_: @escaping @Sendable (inout ProductManifest) throws -> Void) {
      self.key = key
      self.break_ = break_
    }
  }

  static let cases: [Case] = [
    Case("name") { $0.name.text = "" },
    Case("name") { $0.name.text = "two\nlines" },
    Case("name.German") { $0.name.byLanguage["German"] = "x" },
    Case("publisher") { $0.publisher = "\u{1B}[31m" },
    Case("licence") { $0.licence = LocalizedText("") },
    Case("licence.de") { $0.licence?.byLanguage["de"] = "" },
    Case("channel") { $0.channel = "../stable" },
    Case("platforms") { $0.platforms = [.linuxAArch64] },
    Case("platforms[1]") { $0.platforms = [.linuxX86_64, .linuxX86_64] },
    Case("repository") { $0.repository.targets = [] },
    Case("repository.metadata[0]") { $0.repository.metadata = ["ftp://example.com/"] },
    Case("repository.metadata[0]") { $0.repository.metadata = ["https://example.com/metadata"] },
    Case("repository.metadata[0]") { $0.repository.metadata = ["https://user@example.com/metadata/"] },
    Case("repository.targets[0]") { $0.repository.targets = ["https://example.com:99999/"] },
    Case("repository.targets[0]") { $0.repository.targets = ["https://exa mple.com/"] },
    Case("prerequisites.accounts[0]") { $0.prerequisites.accounts = ["a:b"] },
    Case("prerequisites.accounts[1]") { $0.prerequisites.accounts = ["Admin", "Admin"] },
    Case("prerequisites.accounts[1]") { $0.prerequisites.accounts = ["Admin", #".\Admin"#] },
    Case("prerequisites.accounts[0]") { $0.prerequisites.accounts = [#"ROOM7\Admin"#] },
    Case("prerequisites.accounts[0]") { $0.prerequisites.accounts = [#".\"#] },
    Case("prerequisites.diskMinimumBytes") { $0.prerequisites.diskMinimumBytes = -1 },
    Case("prerequisites.os[0].id") { $0.prerequisites.os = [PrerequisiteRules.OperatingSystem(id: "")] },
    Case("prerequisites.packages.debian[0]") { $0.prerequisites.packages = ["debian": ["-o x"]] },
    Case("prerequisites.network[0].host") {
      $0.prerequisites.network = [PrerequisiteRules.Endpoint(host: "a..b", port: 1)]
    },
    Case("prerequisites.network[0].port") {
      $0.prerequisites.network = [PrerequisiteRules.Endpoint(host: "a", port: 65_536)]
    },
    Case("prerequisites.required[1]") { $0.prerequisites.required = [.tpm, .tpm] },
    Case("services") { $0.services = [] },
    Case("services[1]") { $0.services[1].name = $0.services[0].name },
    Case("services[0].name") { $0.services[0].name = "Agent!" },
    Case("services[0].command") { $0.services[0].command = [] },
    Case("services[0].command[0]") { $0.services[0].command = ["/bin/sh"] },
    Case("services[0].command[0]") { $0.services[0].command = ["agent/../../bin/sh"] },
    Case("services[0].command[1]") { $0.services[0].command = ["agent/a", "x\nExecStartPre=/bin/sh"] },
    Case("services[0].user") { $0.services[0].user = "slipway-room-agent" },
    Case("services[0].user") { $0.services[0].user = "root" },
    Case("services[0].user") { $0.services[0].user = "0" },
    Case("services[0].rootReason") { $0.services[0].rootReason = "because" },
    Case("services[0].groups[0]") { $0.services[0].groups = ["Video"] },
    Case("services[0].environment.1A") { $0.services[0].environment = ["1A": "x"] },
    Case("services[0].environment.A") { $0.services[0].environment = ["A": "x\ny"] },
    Case("services[0].hardening.reason") { $0.services[0].hardening.reason = nil },
    Case("services[0].hardening.reason") { $0.services[0].hardening.reason = "two\nlines" },
    Case("services[0].hardening.devices[0]") { $0.services[0].hardening.devices = ["/etc/shadow r"] },
    Case("services[0].hardening.devices[0]") { $0.services[0].hardening.devices = ["/dev/../etc/shadow r"] },
    Case("services[0].hardening.capabilities[0]") { $0.services[0].hardening.capabilities = ["NET_ADMIN"] },
    Case("services[0].hardening.addressFamilies[0]") { $0.services[0].hardening.addressFamilies = ["inet"] },
    Case("services[0].hardening.writablePaths[0]") { $0.services[0].hardening.writablePaths = ["/run/../etc"] },
    Case("services[0].hardening.systemCalls[0]") { $0.services[0].hardening.systemCalls = ["~@mount"] },
    Case("services[0].restart.delaySeconds") { $0.services[0].restart.delaySeconds = -1 },
    Case("services[0].restart.burst") { $0.services[0].restart.burst = 0 },
    Case("services[0].probationSeconds") { $0.services[0].probationSeconds = 0 },
    Case("services[0].probe.http.url") {
      $0.services[0].probe = Probe(.http(url: "http://portal.example.com/", expectStatus: 200))
    },
    Case("services[0].probe.http.url") {
      $0.services[0].probe = Probe(.http(url: "http://127.0.0.1.example.com/", expectStatus: 200))
    },
    Case("services[0].probe.http.url") {
      $0.services[0].probe = Probe(.http(url: "http://127.0.0.1@example.com/", expectStatus: 200))
    },
    Case("services[0].probe.http.url") {
      $0.services[0].probe = Probe(.http(url: "https://localhost/", expectStatus: 200))
    },
    Case("services[0].probe.http.expectStatus") {
      $0.services[0].probe = Probe(.http(url: "http://[::1]:80/", expectStatus: 0))
    },
    Case("services[0].probe.unixSocket.path") {
      $0.services[0].probe = Probe(.unixSocket(path: "run/x", urlPath: "/", expectStatus: 200))
    },
    Case("services[0].probe.unixSocket.path") {
      let long = "/run/" + String(repeating: "x", count: 103)
      $0.services[0].probe = Probe(.unixSocket(path: long, urlPath: "/", expectStatus: 200))
    },
    Case("services[0].probe.unixSocket.urlPath") {
      $0.services[0].probe = Probe(.unixSocket(path: "/run/x", urlPath: "/ HTTP/1.1", expectStatus: 200))
    },
    Case("services[0].probe.command[0]") { $0.services[0].probe = Probe(.command(["../x"])) },
    Case("services[0].probe.fileAge.maximumSeconds") {
      $0.services[0].probe = Probe(.fileAge(path: "/run/x", maximumSeconds: 0))
    },
    Case("services[0].probe.timeoutSeconds") { $0.services[0].probe?.timeoutSeconds = 0 },
    Case("services[0].probe.deadlineSeconds") { $0.services[0].probe?.deadlineSeconds = 4 },
    Case("services[0].probe.intervalSeconds") { $0.services[0].probe?.intervalSeconds = 0 },
    Case("services[0].busy.command[0]") { $0.services[0].busy = .command(["/bin/true"]) },
    Case("services[0].busy.lockFile") { $0.services[0].busy = .lockFile("busy") },
    Case("takesOver[0]") { $0.takesOver = ["apt"] },
    Case("takesOver[0]") { $0.takesOver = ["../x.service"] },
    Case("takesOver[0]") { $0.takesOver = ["slipway-apply@room-agent.service"] },
    Case("takesOver[0]") { $0.takesOver = ["room-agent-agent-0.service"] },
    Case("updates.intervalSeconds") { $0.updates.intervalSeconds = 1 },
    Case("updates.window[0]") { $0.updates.window = ["sometimes"] },
    Case("updates.deferMaxSeconds") { $0.updates.deferMaxSeconds = 366 * 86_400 },
    Case("updates.deferMaxCriticalSeconds") { $0.updates.deferMaxSeconds = 60 },
    Case("updates.keepVersions") { $0.updates.keepVersions = 1 },
    Case("updates.bandwidthBytesPerSecond") { $0.updates.bandwidthBytesPerSecond = 0 },
    Case("data[0]") { $0.data[0].name = "a/b" },
    Case("data[0].schema") {
      $0.data[0].schema = 0; $0.data[0].readableFrom = 1
    },
    Case("data[0].readableFrom") { $0.data[0].readableFrom = 4 },
    Case("offboarding[0].command[0]") { $0.offboarding[0].command = ["/bin/rm"] },
    Case("offboarding[0].timeoutSeconds") { $0.offboarding[0].timeoutSeconds = 0 },
    Case("specialModes[0]") { $0.specialModes = ["/usr/bin/su"] },
    Case("requires[1]") { $0.requires = ["id", "id"] },
  ]

  @Test(arguments: cases) func aBrokenValueIsNamedWithItsKey(_ entry: Case) throws {
    var manifest = try Sample.manifest()
    try entry.break_(&manifest)
    let problems = manifest.problems()
    #expect(problems.map(\.key) == [entry.key], "\(problems)")
    #expect(problems.allSatisfy { $0.code == .invalid && !$0.allowed.isEmpty })
  }

  @Test func everyProblemIsReportedAtOnce() throws {
    var manifest = try Sample.manifest()
    manifest.channel = "A"
    manifest.updates.keepVersions = 0
    #expect(manifest.problems().count == 2)
  }

  @Test(arguments: ["http://localhost:8190/health", "http://127.9.9.9/", "http://[::1]:9/x"])
  func loopbackProbesAreAccepted(_ url: String) throws {
    var manifest = try Sample.manifest()
    manifest.services[0].probe = Probe(.http(url: url, expectStatus: 200))
    #expect(manifest.problems().isEmpty)
  }
}
