import Dispatch
import Foundation
import Product
import SystemPackage
import Testing

@testable import Prerequisites

@Suite struct HostFactsTests {
  @Test func accountsAreTheLocalOnes() {
    let passwd = """
      root:x:0:0:root:/root:/bin/bash
      Admin:x:1000:1000::/home/Admin:/bin/sh
      # Skype:x:1001:
      +nis:::::
      -other:::::
      :x:0:0:
      half
      Umläut:x:1002:1002::/:
      """
    #expect(LocalFiles.accounts(passwd: Array(passwd.utf8)) == ["root", "Admin", "Umläut"])
  }

  @Test func packagesAreThoseInstalledNow() {
    let status = """
      Package: one
      Status: install ok installed
      Architecture: amd64
      Version: 1

      Package: removed
      Status: deinstall ok config-files
      Architecture: all

      Package: half
      Status: install ok half-configured

      Package: last
      Description: a
       Status: install ok installed
      Status: hold ok installed
      Architecture: arm64
      """
    let wanted: Set = ["one", "one:amd64", "one:arm64", "removed", "half", "last", "absent"]
    let found = LocalFiles.installed(wanted, dpkgStatus: Array(status.utf8))
    #expect(found == ["one", "one:amd64", "last"])
  }

  @Test func osReleaseIsReadAsTheShellWould() {
    let text = """
      # a comment
      NAME="Debian GNU/Linux"
      ID=debian
      ID_LIKE='ubuntu debian'
      VERSION_ID="12"
      PRETTY_NAME="A \\"quoted\\" name"
      BROKEN
      """
    let system = OSRelease(parsing: text)
    #expect(
      system
        == OSRelease(id: "debian", idLike: ["ubuntu", "debian"], versionID: "12", prettyName: "A \"quoted\" name"))
    #expect(OSRelease(parsing: "") == OSRelease(id: "linux", prettyName: "Linux"))
  }

  @Test(arguments: [
    ("2.36", "2.36", false), ("2.9", "2.36", true), ("2", "2.0", false), ("6.1.0-18-amd64", "6.1.1", true),
    ("5.6-rc1", "5.6", false), ("5.10", "5.6", false),
  ])
  func versionsAreComparedByNumbers(left: String, right: String, less: Bool) throws {
    let (older, newer) = (try #require(DottedVersion(left)), try #require(DottedVersion(right)))
    #expect((older < newer) == less)
  }

  @Test(arguments: ["", "x", ".1", "-1"]) func whatIsNoVersionIsNone(text: String) {
    #expect(DottedVersion(text) == nil)
  }

  func gathered(_ root: String, for needs: PrerequisiteNeeds = PrerequisiteNeeds()) async -> HostFacts {
    await HostFacts.gather(
      Look.machine(
        root: FilePath(root), versions: FilePath(root + "/opt/slipway/x"), state: FilePath(root + "/var/lib/slipway/x"),
        for: needs))
  }

  @Test func filesBelowTheRootComeFirst() async throws {
    let root = NSTemporaryDirectory() + "facts-" + UUID().uuidString
    let files = FileManager.default
    defer { try? files.removeItem(atPath: root) }
    try files.createDirectory(atPath: root + "/etc", withIntermediateDirectories: true)
    try Data("Kiosk:x:1:1::/:\n".utf8).write(to: URL(filePath: root + "/etc/passwd"))
    try Data("ID=kiosk\n".utf8).write(to: URL(filePath: root + "/etc/os-release"))
    let facts = await gathered(root)
    #expect(facts.accounts == ["Kiosk"])
    #expect(facts.system?.id == "kiosk")
    #expect(facts.versions?.folder == root)
    #expect(facts.unanswered.isEmpty)
  }

  @Test func thisMachineCanBeDescribed() async throws {
    let facts = await gathered("/nowhere")
    #expect(facts.accounts?.contains("root") == true)
    #expect(facts.system != nil)
    #expect(try #require(facts.kernel) > DottedVersion(3))
    #expect(try #require(facts.glibc) > DottedVersion(2, 17))
    #expect(facts.libraries == ["libgcc_s.so.1"])
    #expect(try #require(facts.versions).freeBytes > 0)
    #expect(facts.state?.folder == "/")
    #expect(facts.now > 1_700_000_000)
  }

  @Test func aLibraryThatIsNotThereIsMissing() async {
    var needs = PrerequisiteNeeds()
    needs.libraries = ["libgcc_s.so.1", "libnosuchthing.so.9"]
    #expect(await gathered("/", for: needs).libraries == ["libgcc_s.so.1"])
  }

  @Test func aLookThatNeverEndsKeepsNobodyWaiting() async {
    let never = DispatchSemaphore(value: 0)
    let start = ContinuousClock.now
    let facts = await HostFacts.gather([
      .blocking(.disk, bound: 1) {
        never.wait()
        return { _ in }
      },
      Look(.network, .proxy, bound: 1) {
        try? await Task.sleep(for: .seconds(1000))
        return { $0.network = NetworkFacts(proxy: "too late") }
      },
      .blocking(.accounts) { { $0.accounts = ["Admin"] } },
    ])
    #expect(start.duration(to: .now) < .seconds(10))
    #expect(facts.unanswered == [.disk: 1, .network: 1, .proxy: 1])
    #expect(facts.accounts == ["Admin"])
    #expect(facts.network == nil)
    let result = Checklist.run(needs: PrerequisiteNeeds(), facts: facts).results.first { $0.id == .disk }
    #expect(result?.verdict == .fail && result?.reason == "not answered within 1 s")
    never.signal()
  }
}
