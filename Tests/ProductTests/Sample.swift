import Product

/// A manifest that uses every key, and the pieces the tests vary.
enum Sample {
  static func version(_ text: String) throws -> SemanticVersion { try SemanticVersion(text) }

  static func manifest() throws -> ProductManifest {
    ProductManifest(
      id: try ProductID("room-agent"), name: LocalizedText("Room Agent", byLanguage: ["de": "Raum-Agent"]),
      publisher: "Example", licence: LocalizedText("Do no harm.", byLanguage: ["de": "Schade nicht."]),
      version: SemanticVersion(1, 4, 2), platform: .linuxX86_64, platforms: [.linuxX86_64, .linuxAArch64],
      repository: RepositoryLocations(
        metadata: ["https://updates.example.com/metadata/"], targets: ["http://mirror.example.com:8080/targets/"]),
      prerequisites: PrerequisiteRules(
        tpm: .optional, accounts: ["Admin", "Skype"], diskMinimumBytes: 200_000_000,
        os: [PrerequisiteRules.OperatingSystem(id: "debian", versions: ["12"])], packages: ["debian": ["libasound2"]],
        network: [PrerequisiteRules.Endpoint(host: "portal.example.com", port: 443)], required: [.tpm]),
      services: try services(), takesOver: ["unattended-upgrades.service"],
      updates: UpdateRules(window: ["Mon..Fri 22:00..05:00"], bandwidthBytesPerSecond: 500_000),
      data: [DataFolder(name: "state", schema: 3, readableFrom: 2, snapshot: true, migrate: ["agent/bin/migrate"])],
      offboarding: [OffboardingHook(command: ["agent/bin/bye"], user: "room-agent")], specialModes: ["agent/bin/ping"],
      requires: ["services.probe.fileAge"])
  }

  /// One service for each kind of probe.
  static func services() throws -> [AgentService] {
    let probes: [Probe.Method] = [
      .http(url: "http://127.0.0.1:8190/health", expectStatus: 200),
      .unixSocket(path: "/run/room-agent/agent.sock", urlPath: "/health", expectStatus: 204),
      .command(["agent/bin/check", "--fast"]), .fileAge(path: "/run/room-agent/alive", maximumSeconds: 120),
    ]
    return probes.enumerated().map { index, method in
      AgentService(
        name: "agent-\(index)", command: ["agent/bin/slipway-agent", "--port", "8190"],
        user: index == 3 ? "root" : "room-agent", groups: ["video"],
        rootReason: index == 3 ? "binds a device that only root may open" : nil, environment: ["LEVEL": "info"],
        hardening: Hardening(
          reason: "camera", memoryDenyWriteExecute: false, devices: ["/dev/video0 rw"],
          capabilities: ["CAP_NET_BIND_SERVICE"], addressFamilies: ["AF_NETLINK"], writablePaths: ["/run/other"],
          systemCalls: ["@debug", "ptrace"]),
        probe: Probe(method), busy: index == 0 ? .command(["agent/bin/busy"]) : .lockFile("/run/room-agent/busy"))
    }
  }
}
