import Product
import Testing

@testable import ProductTOML

@Suite struct ProductTOMLTests {
  /// Twelve lines; what a case adds stands on line 13 and after it.
  static let base = """
    id = "room"
    name = "Room"
    publisher = "P"
    platforms = ["linux-x86_64"]

    [updates]
    interval = "2h"

    [[services]]
    name = "agent"
    command = ["agent/a"]
    user = "room"

    """

  struct Mistake: Sendable, CustomTestStringConvertible {
    let text: String
    let code: ProductTOMLError.Code
    let line: Int?
    let key: String
    var testDescription: String { text.split(separator: "\n").last.map(String.init) ?? text }

    /// The base with lines added to it.
    init(adding added: String, _ code: ProductTOMLError.Code, _ line: Int?, _ key: String) {
      self.init(ProductTOMLTests.base + added, code, line, key)
    }

    init(_ text: String, _ code: ProductTOMLError.Code, _ line: Int?, _ key: String) {
      self.text = text
      self.code = code
      self.line = line
      self.key = key
    }
  }

  static let mistakes: [Mistake] = [
    Mistake(adding: "usr = 1", .unknownKey, 13, "services[0].usr"),
    Mistake(adding: "[servces]", .unknownKey, 13, "servces"),
    Mistake(
      adding: "[services.probe]\nhttp = \"http://localhost/\"\ntimeut = \"1s\"", .unknownKey, 15,
      "services[0].probe.timeut"),
    Mistake(adding: "probe.htp = \"x\"", .unknownKey, 13, "services[0].probe.htp"),
    Mistake(adding: "probe = { http = \"x\", expct = 1 }", .unknownKey, 13, "services[0].probe.expct"),
    Mistake(
      adding: "[services.hardening]\nnope = true\n[[services]]\nname = \"b\"", .unknownKey, 14,
      "services[0].hardening.nope"),
    Mistake(
      adding:
        "[[services]]\nname = \"b\"\nuser = \"b\"\ncommand = [\n  \"agent/b\", # ] \"\n]\n[services.busy]\nfile = \"x\"",
      .unknownKey, 20, "services[1].busy.file"),
    Mistake(adding: "\"odd key\" = 1", .unknownKey, 13, "services[0].odd key"),
    Mistake(
      adding: "environment.A = \"\"\"\n[x]\nb = 1\n\"\"\"\nprobaton = \"1s\"", .unknownKey, 17, "services[0].probaton"),
    Mistake(adding: "[repository]\nmetadata = []\nmirror = []", .unknownKey, 15, "repository.mirror"),
    Mistake(
      adding: "[services.probe]\nhttp = \"http://localhost/\"\nmaxAge = \"1s\"", .unknownKey, 15,
      "services[0].probe.maxAge"),
    Mistake(adding: "groups = \"video\"", .wrongType, 13, "services[0].groups"),
    Mistake(adding: "groups = [\n \"a\",\n 2]", .wrongType, 15, "services[0].groups[1]"),
    Mistake(adding: "environment = { A = 1 }", .wrongType, 13, "services[0].environment.A"),
    Mistake(adding: "hardening = true", .wrongType, 13, "services[0].hardening"),
    Mistake(adding: "restart.burst = \"3\"", .wrongType, 13, "services[0].restart.burst"),
    Mistake(adding: "probation = 600", .wrongType, 13, "services[0].probation"),
    Mistake(adding: "probation = 2026-01-01", .wrongType, 13, "services[0].probation"),
    Mistake(adding: "[data]\nname = \"x\"", .wrongType, 13, "data"),
    Mistake(adding: "[prerequisites]\ndisk = 200", .wrongType, 14, "prerequisites.disk"),
    Mistake(adding: "probation = \"10\"", .invalidValue, 13, "services[0].probation"),
    Mistake(adding: "probation = \"0s\"", .invalidValue, 13, "services[0].probation"),
    Mistake(adding: "[prerequisites]\ndisk = \"200 megs\"", .invalidValue, 14, "prerequisites.disk"),
    Mistake(adding: "[prerequisites]\ntpm = \"maybe\"", .invalidValue, 14, "prerequisites.tpm"),
    Mistake(
      adding: "[prerequisites]\nrequired = [\n\"disk\",\n\"dsk\",\n]", .invalidValue, 16, "prerequisites.required[1]"),
    Mistake(adding: "[prerequisites]\nnetwork = [\"portal\"]", .invalidValue, 14, "prerequisites.network[0]"),
    Mistake(adding: "[services.probe]\nhttp = \"http://example.com/\"", .invalidValue, 14, "services[0].probe.http"),
    Mistake(
      adding: "[services.probe]\nhttp = \"http://localhost/\"\nexpect = 99", .invalidValue, 15,
      "services[0].probe.expect"),
    Mistake(adding: "[services.probe]\ntimeout = \"1s\"", .invalidValue, 13, "services[0].probe"),
    Mistake(adding: "[services.busy]", .invalidValue, 13, "services[0].busy"),
    Mistake(adding: "[services.hardening]\nprotectHome = false", .invalidValue, 13, "services[0].hardening.reason"),
    Mistake(adding: "[[data]]\nname = \"a\"\n[[data]]\nname = \"../b\"", .invalidValue, 15, "data[1]"),
    Mistake(adding: "[[offboarding]]\nuser = \"a\"", .missingKey, 13, "offboarding[0].command"),
    Mistake(
      adding: "[services.probe]\nfile = \"/run/x\"", .missingKey, 13, "services[0].probe.maxAge"),
    Mistake(adding: "name = \"twice\"", .syntax, 13, ""),
    Mistake(adding: "a = \"open", .syntax, 13, ""),
    Mistake("", .missingKey, nil, "platforms"),
    Mistake("platforms = []", .invalidValue, 1, "platforms"),
    Mistake("platforms = [\n\"linux-x86_64\",\n\"linux\"]", .invalidValue, 3, "platforms[1]"),
    Mistake("platforms = [\"linux-x86_64\"]\nid = \"Room\"", .invalidValue, 2, "id"),
    Mistake("id = \"a\u{0}b\"", .syntax, nil, ""),
    Mistake("\"a\\u0000b\" = 1", .syntax, nil, ""),
    Mistake(
      base.replacingLine(of: "name = \"Room\"", with: "name = { de = \"Raum\" }"), .missingKey, 2, "name.default"),
    Mistake(
      base.replacingLine(of: "publisher", with: "licence = \"gone.txt\"\npublisher = \"P\""), .unreadableFile, 3,
      "licence"),
    Mistake(
      base.replacingLine(of: "publisher", with: "licence = \"../up.txt\"\npublisher = \"P\""), .invalidValue, 3,
      "licence"),
    Mistake(
      base.replacingLine(of: "publisher", with: "licence = \"/etc/passwd\"\npublisher = \"P\""), .invalidValue, 3,
      "licence"),
    Mistake(base.replacingLine(of: "interval", with: "interval = \"1s\""), .invalidValue, 7, "updates.interval"),
    Mistake(
      base.replacingLine(of: "interval", with: "window = [\"Sat\",\n\"never\"]"), .invalidValue, 8, "updates.window[1]"),
    Mistake(base.replacingLine(of: "interval", with: "bandwidth = \"2MB\""), .invalidValue, 7, "updates.bandwidth"),
    Mistake(base.replacingLine(of: "user", with: "user = \"slipway-room\""), .invalidValue, 12, "services[0].user"),
    Mistake(base.replacingLine(of: "user", with: "# none"), .missingKey, 9, "services[0].user"),
    Mistake(base.replacingLine(of: "id", with: "id = \"room\"\r\nidd = 1\r"), .unknownKey, 2, "idd"),
  ]

  @Test(arguments: mistakes) func everyMistakeNamesItsKeyAndItsLine(_ mistake: Mistake) {
    let error = #expect(throws: ProductTOMLError.self) {
      try ProductTOML.parse(mistake.text, file: "room.toml") { _ in throw Missing() }
    }
    #expect(error?.code == mistake.code, "\(String(describing: error))")
    #expect(error?.line == mistake.line, "\(String(describing: error))")
    #expect(error?.key == mistake.key)
    #expect(error?.description.hasPrefix("room.toml") == true)
  }

  private struct Missing: Error {}

  @Test func readsEveryKey() throws {
    let text = """
      id = "room"
      name = { default = "Room", de = "Raum" }
      publisher = "P"
      licence = { default = "l/en.txt", de = "l/de.txt" }
      platforms = ["linux-aarch64", "linux-x86_64"]
      channel = "beta"
      takesOver = ["a.service"]
      specialModes = ["agent/ping"]
      requires = ["services.busy"]
      repository = { metadata = ["https://a.example/m/"], targets = ["https://a.example/t/"] }
      [updates]
      interval = "1h30min"
      window = ["Sat,Sun"]
      deferMax = "2d"
      deferMaxCritical = "1h"
      keepVersions = 3
      bandwidth = "500kB/s"
      [prerequisites]
      tpm = "required"
      accounts = ["Admin"]
      disk = "1GiB"
      network = ["[::1]:443"]
      required = ["tpm"]
      [[prerequisites.os]]
      id = "debian"
      versions = ["12"]
      [prerequisites.packages]
      debian = ["a", "b"]
      [[services]]
      name = "agent"
      command = ["agent/a", "-x"]
      user = "root"
      groups = ["video"]
      rootReason = "it must"
      environment = { A = "1" }
      probation = "20min"
      hardening = { reason = "r", privateDevices = false, devices = ["/dev/null rw"] }
      restart = { delay = "2s", burst = 5, interval = "2min", stop = "10s" }
      probe = { file = "/run/x", maxAge = "1min", timeout = "2s", deadline = "30s", interval = "3s" }
      busy = { command = ["agent/busy"] }
      [[data]]
      name = "d"
      schema = 2
      readableFrom = 1
      snapshot = true
      [[offboarding]]
      command = ["agent/bye"]
      user = "room"
      timeout = "5s"
      """
    let manifest = try ProductTOML.parse(text, file: "f", version: SemanticVersion(2, 0, 0)) { "text of \($0)" }
    let expected = ProductManifest(
      id: try ProductID("room"), name: LocalizedText("Room", byLanguage: ["de": "Raum"]), publisher: "P",
      licence: LocalizedText("text of l/en.txt", byLanguage: ["de": "text of l/de.txt"]),
      version: SemanticVersion(2, 0, 0), platform: .linuxAArch64, platforms: [.linuxAArch64, .linuxX86_64],
      repository: RepositoryLocations(metadata: ["https://a.example/m/"], targets: ["https://a.example/t/"]),
      channel: "beta",
      prerequisites: PrerequisiteRules(
        tpm: .required, accounts: ["Admin"], diskMinimumBytes: 1 << 30,
        os: [PrerequisiteRules.OperatingSystem(id: "debian", versions: ["12"])], packages: ["debian": ["a", "b"]],
        network: [PrerequisiteRules.Endpoint(host: "::1", port: 443)], required: [.tpm]),
      services: [
        AgentService(
          name: "agent", command: ["agent/a", "-x"], user: "root", groups: ["video"], rootReason: "it must",
          environment: ["A": "1"],
          hardening: Hardening(reason: "r", privateDevices: false, devices: ["/dev/null rw"]),
          restart: AgentService.Restart(delaySeconds: 2, burst: 5, intervalSeconds: 120, stopSeconds: 10),
          probe: Probe(
            .fileAge(path: "/run/x", maximumSeconds: 60), timeoutSeconds: 2, deadlineSeconds: 30, intervalSeconds: 3),
          probationSeconds: 1_200, busy: .command(["agent/busy"]))
      ],
      takesOver: ["a.service"],
      updates: UpdateRules(
        intervalSeconds: 5_400, window: ["Sat,Sun"], deferMaxSeconds: 172_800, deferMaxCriticalSeconds: 3_600,
        keepVersions: 3, bandwidthBytesPerSecond: 500_000),
      data: [DataFolder(name: "d", schema: 2, readableFrom: 1, snapshot: true)],
      offboarding: [OffboardingHook(command: ["agent/bye"], user: "room", timeoutSeconds: 5)],
      specialModes: ["agent/ping"], requires: ["services.busy"])
    #expect(manifest == expected)
  }

  @Test(
    arguments: [
      ("90s", 90), ("10min", 600), ("4h", 14_400), ("14d", 1_209_600), ("2w", 1_209_600), ("1h30min", 5_400),
      ("1h 30min", 5_400), ("0s", 0), ("", nil), ("10", nil), ("10m", nil), ("min", nil), ("-1s", nil), ("1.5h", nil),
      ("1H", nil), ("9223372036854775807d", nil), ("99999999999999999999s", nil), ("١s", nil), ("1s!", nil),
    ] as [(String, Int64?)])
  func durationsAreReadOrRefused(_ text: String, _ seconds: Int64?) { #expect(Quantity.seconds(text) == seconds) }

  @Test(
    arguments: [
      ("200MB", 200_000_000), ("1GiB", 1_073_741_824), ("5B", 5), ("1kB", 1_000), ("1KiB", 1_024),
      ("1 TB", 1_000_000_000_000),
      ("200", nil), ("1Gb", nil), ("MB", nil), ("1MB1kB", nil), ("-1MB", nil), ("99999999TiB", nil), ("", nil),
    ] as [(String, Int64?)])
  func sizesAreReadOrRefused(_ text: String, _ bytes: Int64?) { #expect(Quantity.bytes(text) == bytes) }
}

extension String {
  /// The text with the first line that begins with `start` replaced.
  func replacingLine(of start: String, with line: String) -> String {
    var isDone = false
    return split(separator: "\n", omittingEmptySubsequences: false).map { old in
      guard !isDone, old.hasPrefix(start) else { return String(old) }
      isDone = true
      return line
    }.joined(separator: "\n")
  }
}
