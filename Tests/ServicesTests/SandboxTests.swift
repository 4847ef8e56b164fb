import Product
import Testing

@testable import Services

@Suite struct SandboxTests {
  static let strict = Sandbox.agent(Sample.service())

  /// Each request, the settings it changes, and nothing else.
  @Test(arguments: [
    (Hardening(memoryDenyWriteExecute: false), ["MemoryDenyWriteExecute": "no"]),
    (Hardening(protectHome: false), ["ProtectHome": "no"]),
    (Hardening(restrictNamespaces: false), ["RestrictNamespaces": "no"]),
    (Hardening(restrictRealtime: false), ["RestrictRealtime": "no", "SystemCallFilter": "@resources"]),
    (Hardening(privateDevices: false), ["PrivateDevices": "no", "DevicePolicy": "auto"]),
    (Hardening(devices: ["/dev/video0 rw"]), ["PrivateDevices": "no", "DeviceAllow": "/dev/video0 rw"]),
    (
      Hardening(capabilities: ["CAP_NET_BIND_SERVICE"]),
      [
        "PrivateUsers": "no", "CapabilityBoundingSet": "CAP_NET_BIND_SERVICE",
        "AmbientCapabilities": "CAP_NET_BIND_SERVICE",
      ]
    ),
    (Hardening(addressFamilies: ["AF_NETLINK"]), ["RestrictAddressFamilies": "AF_UNIX AF_INET AF_INET6 AF_NETLINK"]),
    (Hardening(writablePaths: ["/srv/a b"]), ["ReadWritePaths": "\"/srv/a b\""]),
    (Hardening(systemCalls: ["@debug"]), ["SystemCallFilter": "@debug"]),
  ])
  func manifestLoosensOnlyWhatItNames(hardening: Hardening, changes: [String: String]) {
    let loosened = Sandbox.agent(Sample.service(hardening: hardening))
    for (key, value) in changes { #expect(loosened[key] == value) }
    for setting in Self.strict.settings where changes[setting.key] == nil {
      #expect(loosened[setting.key] == Self.strict[setting.key])
    }
    #expect(Set(loosened.settings.map(\.key)).subtracting(Self.strict.settings.map(\.key)).isSubset(of: changes.keys))
  }

  @Test func aProbeReachesLoopbackOnly() {
    let probe = Sandbox.probe(Sample.service())
    #expect(probe["IPAddressDeny"] == "any")
    #expect(probe["IPAddressAllow"] == "localhost")
  }

  @Test func unitAndTransientJobGetTheSameSettings() {
    let sandbox = Sandbox([Sandbox.Setting("A", "1"), Sandbox.Setting("A", "2"), Sandbox.Setting("B", "")])
    #expect(sandbox.unitLines == ["A=1", "A=2", "B="])
    #expect(sandbox.runArguments == ["-p", "A=1", "-p", "A=2", "-p", "B="])
    #expect(sandbox.replacing("A", with: "3").unitLines == ["A=3", "B="])
    #expect(sandbox.replacing("A", with: nil).unitLines == ["B="])
  }
}
