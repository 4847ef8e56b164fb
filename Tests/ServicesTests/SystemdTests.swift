import SystemPackage
import Testing

@testable import Services

@Suite struct SystemdTests {
  @Test func aJobIsBoundedAndConfined() {
    let job = TransientJob(
      command: ["/opt/slipway/a/current/probe", "-x"], user: "room", environment: ["A": "b c"], directory: "/opt",
      sandbox: .probe(Sample.service()), timeLimit: 2.5)
    let arguments = Systemd.arguments(for: job)
    for expected in [
      "--wait", "--pipe", "--collect", "--quiet", "--uid=room", "--setenv=A=b c", "--working-directory=/opt",
      "RuntimeMaxSec=2500ms", "IPAddressDeny=any", "IPAddressAllow=localhost", "PrivateUsers=yes",
    ] { #expect(arguments.contains(expected)) }
    #expect(Array(arguments.suffix(3)) == ["--", "/opt/slipway/a/current/probe", "-x"])
  }

  @Test(arguments: [
    ("Failed to start x.service: Unit x.service not found.", ServicesError.Code.noSuchUnit),
    ("Failed to reset failed state of unit x.service: Unit x.service not loaded.", .noSuchUnit),
    ("Job for x.service failed because start of the service was attempted too often. (start-limit-hit)", .failed),
    ("Failed to reload daemon: Access denied", .refused),
    ("Failed to connect to bus: No such file or directory", .unreachable),
    ("Job for x.service failed because the control process exited with error code.", .failed),
  ])
  func systemctlsWordsBecomeCodes(words: String, code: ServicesError.Code) {
    #expect(Systemd.code(for: words) == code)
  }

  @Test func asksSystemctlAndReadsItsAnswer() async throws {
    try await Scratch.with { scratch in
      let fake = try scratch.script("systemctl", #"echo "ActiveState=active"; echo "LoadState=$*""#)
      let status = try await Systemd(systemctl: fake).status("a.service")
      #expect(status.activeState == "active")
      #expect(status.loadState.hasSuffix("-- a.service"))
    }
  }

  @Test func systemctlThatHangsIsGivenUp() async throws {
    try await Scratch.with { scratch in
      let fake = try scratch.script("systemctl", "exec sleep 600")
      await #expect(throws: ServicesError(.timedOut, "")) {
        try await Systemd(systemctl: fake, patience: 0.2).reload()
      }
    }
  }

  @Test func aHostWithoutSystemdIsUnreachable() async throws {
    await #expect(throws: ServicesError(.unreachable, "")) {
      try await Systemd(systemctl: "/nonexistent/systemctl").reload()
    }
  }

  @Test func outputIsCutAndTheRestDropped() async throws {
    try await Scratch.with { scratch in
      let fake = try scratch.script("systemd-run", "head -c 1000000 /dev/zero; exit 3")
      let result = try await Systemd(systemdRun: fake).run(TransientJob(command: ["/x"], outputLimit: 1000))
      #expect(result.output.count == 1000)
      #expect(result.status == 3)
      #expect(!result.timedOut)
    }
  }
}
