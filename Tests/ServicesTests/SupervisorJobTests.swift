import Glibc
import Testing

@testable import Services

@Suite struct SupervisorJobTests {
  @Test func aJobsStatusAndOutputComeBack() async throws {
    try await Demo.with { demo in
      let job = TransientJob(command: ["/bin/sh", "-c", "echo out; echo err >&2; exit 7"])
      let result = try await demo.controller.run(job)
      #expect(result.status == 7)
      #expect(String(decoding: result.output, as: UTF8.self) == "out\nerr\n")
      #expect(!result.timedOut)
    }
  }

  @Test func aJobIsKilledAtItsLimitWithEverythingItStarted() async throws {
    try await Demo.with { demo in
      let script = "sleep 600 & echo $! >\(demo.scratch.path)/shared/child; wait"
      let result = try await demo.controller.run(TransientJob(command: ["/bin/sh", "-c", script], timeLimit: 0.3))
      #expect(result.timedOut)
      #expect(result.status == nil)
      #expect(result.seconds >= 0.3)
      let child = try #require(Int32(demo.scratch.lines("shared/child").first ?? ""))
      #expect(await eventually { !Demo.isAlive(child) })
    }
  }

  @Test func outputBeyondTheLimitIsDropped() async throws {
    try await Demo.with { demo in
      let job = TransientJob(command: ["/usr/bin/head", "-c", "1000000", "/dev/zero"], outputLimit: 100)
      let result = try await demo.controller.run(job)
      #expect(result.status == 0)
      #expect(result.output.count == 100)
    }
  }

  @Test func aProgramThatIsNotThereIsAnError() async throws {
    try await Demo.with { demo in
      await #expect(throws: ServicesError(.spawn, "")) {
        try await demo.controller.run(TransientJob(command: ["/nonexistent/probe"]))
      }
    }
  }

  @Test(.enabled(if: geteuid() == 0, "changing the user needs root"))
  func aJobRunsUnderItsUserWithoutPrivileges() async throws {
    try await Demo.with { demo in
      let job = TransientJob(
        command: ["/bin/sh", "-c", "id -u; id -G; grep NoNewPrivs /proc/self/status"], user: "room")
      let lines = String(decoding: try await demo.controller.run(job).output, as: UTF8.self).split(separator: "\n")
      #expect(lines == ["64802", "64802 64810", "NoNewPrivs:\t1"])
      await #expect(throws: ServicesError(.account, "")) {
        try await demo.controller.run(TransientJob(command: ["/bin/true"], user: "stranger"))
      }
    }
  }
}
