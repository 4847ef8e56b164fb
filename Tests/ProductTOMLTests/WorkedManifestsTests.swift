import FoundationEssentials
import Product
import ProductTOML
import Testing

/// The manifests that come with the project stay readable and say what their comments promise.
@Suite struct WorkedManifestsTests {
  /// `manifests/` beside `Tests/`.
  private static var folder: String {
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    return parts.dropLast(3).joined(separator: "/") + "/manifests"
  }

  private static func text(_ name: String) throws -> String {
    let data = try Data(contentsOf: URL(filePath: "\(folder)/\(name)"))
    return String(decoding: data, as: UTF8.self)
  }

  private static func manifest(_ name: String) throws -> ProductManifest {
    try ProductTOML.parse(
      text(name), file: name, version: SemanticVersion(1, 2, 3), platform: .linuxX86_64, readFile: text)
  }

  @Test func roomAgentInstallsAnywhereAndIsProbedOnItsSocket() throws {
    let manifest = try WorkedManifestsTests.manifest("room-agent.toml")
    #expect(manifest.id.text == "room-agent")
    #expect(manifest.version == SemanticVersion(1, 2, 3))
    #expect(manifest.name.text(for: "de_AT.UTF-8") == "Raum-Agent")
    #expect(manifest.licence?.text.contains("SAMPLE LICENCE") == true)
    #expect(manifest.prerequisites.accounts.isEmpty)
    #expect(manifest.prerequisites.os.isEmpty)
    #expect(manifest.takesOver == ["unattended-upgrades.service"])
    let service = try #require(manifest.services.first)
    #expect(service.user == "room-agent")
    #expect(service.command.first == "agent/bin/slipway-agent")
    #expect(service.unit(of: manifest.id) == "room-agent-agent.service")
    #expect(!service.hardening.isLoosened)
    let probe = try #require(service.probe)
    #expect(
      probe.method == .unixSocket(path: "/run/room-agent/agent.sock", urlPath: "/health", expectStatus: 200))
    #expect(manifest.updates == UpdateRules())
  }

  @Test func nodeServiceLoosensOneSettingAndSaysWhy() throws {
    let manifest = try WorkedManifestsTests.manifest("node-service.toml")
    let service = try #require(manifest.services.first)
    #expect(service.command == ["agent/bin/node", "agent/service.js", "8191"])
    #expect(service.hardening == Hardening(reason: service.hardening.reason, memoryDenyWriteExecute: false))
    #expect(service.hardening.reason?.isEmpty == false)
    let probe = try #require(service.probe)
    #expect(probe.method == .http(url: "http://127.0.0.1:8191/health", expectStatus: 200))
  }

  @Test func teamsRoomsNeedsWhatTheDescribedSystemNeeds() throws {
    let needs = try WorkedManifestsTests.manifest("teams-rooms.toml").prerequisites
    #expect(needs.tpm == .required)
    #expect(needs.accounts == ["Admin", "Skype"])
    #expect(needs.network.count == 11 && needs.network.allSatisfy { $0.port == 443 })
    #expect(Set(needs.network.map(\.host)).count == 11)
    #expect(needs.network.first?.host == "agent.rooms.microsoft.com")
    #expect(needs.required == [.tpm, .accounts])
  }

  @Test(arguments: ["room-agent.toml", "node-service.toml", "teams-rooms.toml"])
  func whatIsCompiledIsWhatADeviceReads(_ name: String) throws {
    let manifest = try WorkedManifestsTests.manifest(name)
    #expect(try ProductManifest.parse(manifest.encoded()) == manifest)
  }
}
