import Product
import Testing

@testable import Publishing

@Suite struct MirrorNeedsTests {
  private let x86 = Platform.linuxX86_64
  private let arm = Platform.linuxAArch64

  private func version(_ text: String) throws -> SemanticVersion { try SemanticVersion(text) }

  /// Versions and platforms that are needed, of 1.0.0 to 1.3.0 for both platforms, where `stable` offers 1.2.0.
  private func needed(
    _ needs: MirrorNeeds = MirrorNeeds(), halts: [String] = [], _ change: (inout Policy) throws -> Void = { _ in }
  ) throws -> [String] {
    let all = try ["1.0.0", "1.1.0", "1.2.0", "1.3.0"].map(version)
    var policy = Policy(id: try ProductID("room-agent"), releases: all)
    try change(&policy)
    let signed = SignedReleases(
      trees: Dictionary(uniqueKeysWithValues: all.map { ($0, [x86: "a", arm: "b"]) }))
    let offer = Product.Channel.Offer(
      version: try version("1.2.0"), halts: try halts.map { .init(version: try version($0), reason: "") })
    let channel = Product.Channel(id: policy.id, channel: "stable", platforms: [x86: offer, arm: offer])
    return needs.releases(policy, [channel], signed).map { "\($0.version) \($0.platform.text.dropFirst(6))" }
  }

  @Test func whatIsOfferedIsNeededAndNothingElse() throws {
    #expect(try needed() == ["1.2.0 aarch64", "1.2.0 x86_64"])
    #expect(try needed(MirrorNeeds(platforms: [x86])) == ["1.2.0 x86_64"])
    #expect(try needed(MirrorNeeds(platforms: [try Platform("linux-riscv64")])) == [])
  }

  @Test func theSteppingStoneIsNeededOnTheWayUpOnly() throws {
    let only = MirrorNeeds(platforms: [x86])
    #expect(try needed(only) { $0.via = try version("1.1.0") } == ["1.1.0 x86_64", "1.2.0 x86_64"])
    #expect(try needed(only) { $0.via = try version("1.3.0") } == ["1.2.0 x86_64"])
  }

  @Test func whereTheOfferMustBeLeftTheNewestWayBackIsNeeded() throws {
    let only = MirrorNeeds(platforms: [x86])
    #expect(try needed(only, halts: ["1.2.0"]) == ["1.1.0 x86_64", "1.2.0 x86_64"])
    #expect(try needed(only, halts: ["1.2.0", "1.1.0"]) == ["1.0.0 x86_64", "1.2.0 x86_64"])
    #expect(try needed(only) { $0.blocked = [try version("1.2.0")] } == ["1.1.0 x86_64", "1.2.0 x86_64"])
    #expect(
      try needed(only, halts: ["1.2.0"]) {
        $0.blocked = [try version("1.1.0")]
        $0.floor = try version("1.1.0")
      } == ["1.2.0 x86_64"])
    // An older one that was halted is nobody's way.
    #expect(try needed(only, halts: ["1.1.0"]) == ["1.2.0 x86_64"])
  }
}

@Suite struct MachineCodeTests {
  private func header(_ machine: UInt16, isBig: Bool = false) -> [UInt8] {
    let low = UInt8(machine & 0xFF)
    let high = UInt8(machine >> 8)
    return [0x7F, 0x45, 0x4C, 0x46, 2, isBig ? 2 : 1, 1] + [UInt8](repeating: 0, count: 11)
      + (isBig ? [high, low] : [low, high])
  }

  @Test func machinesHaveTheNamesOfPlatforms() {
    #expect(MachineCode(header(62))?.machine == "x86_64")
    #expect(MachineCode(header(183))?.machine == "aarch64")
    #expect(MachineCode(header(21, isBig: true))?.machine == "ELF machine 21")
    #expect(MachineCode(header(258))?.machine == "ELF machine 258")
  }

  @Test func whatIsNotELFHasNoMachine() {
    #expect(MachineCode(Array("#!/bin/sh\n# longer than a header\n".utf8)) == nil)
    #expect(MachineCode(Array(header(62).dropLast())) == nil)
    #expect(MachineCode([]) == nil)
  }
}
