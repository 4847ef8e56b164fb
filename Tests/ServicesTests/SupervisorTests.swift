import Glibc
import Synchronization
import Testing

@testable import Services

@Suite struct SupervisorTests {
  @Test func recoverRunsBeforeTheAgent() async throws {
    try await Demo.with(
      agent: "echo agent >>$SHARED/order; exec sleep 600", scripts: ["recover": "umask 0; echo \"$*\" >>order"]
    ) { demo in
      #expect(await eventually { demo.scratch.lines("shared/order").count == 2 })
      let root = demo.scratch.path
      #expect(demo.scratch.lines("shared/order") == ["recover --boot --product demo --root \(root)", "agent"])
    }
  }

  @Test func aRecoverThatHangsOrFailsDoesNotKeepTheAgentDown() async throws {
    try await Demo.with(scripts: ["recover": "exit 41"]) { demo in
      let pid = try await demo.agentPID()
      #expect(pid > 0)
      #expect(try await demo.controller.status(demo.unit("recover")).isFailed)
    }
  }

  @Test func anAgentThatEndsIsStartedAgain() async throws {
    try await Demo.with { demo in
      let first = try await demo.agentPID()
      let before = try await demo.controller.status(demo.agent)
      kill(first, SIGKILL)
      #expect(try await eventually { ![0, first].contains(try await demo.controller.status(demo.agent).mainPID) })
      let after = try await demo.controller.status(demo.agent)
      #expect(after.restarts == 1)
      #expect(after.invocationID != before.invocationID)
      // One second later at the earliest.
      #expect(after.startedAtMonotonicMicroseconds >= before.startedAtMonotonicMicroseconds + 1_000_000)
    }
  }

  @Test func theThirdCrashCallsRescueOnce() async throws {
    try await Demo.with(
      agent: "echo start >>$SHARED/starts; exit 1", scripts: ["recover": "echo \"$2\" >>recovers"]
    ) { demo in
      #expect(await eventually { demo.scratch.lines("shared/recovers").contains("--rescue") })
      let status = try await demo.controller.status(demo.agent)
      #expect(status.isFailed)
      #expect(status.result == "exit-code")
      #expect(demo.scratch.lines("shared/starts").count == 3)
      await #expect(throws: ServicesError(.failed, "")) { try await demo.controller.start([demo.agent]) }

      try demo.scratch.write("opt/slipway/demo/app-1/agent/run", "#!/bin/sh\nexec sleep 600\n")
      try await demo.controller.resetFailed([demo.agent])
      try await demo.controller.start([demo.agent])
      #expect(try await demo.controller.status(demo.agent).isRunning)
    }
  }

  @Test func eachRunIsABootAndACleanStopLeavesItsMark() async throws {
    try await Scratch.with { scratch in
      let demo = try Demo.prepare(scratch, scripts: ["recover": "echo $SLIPWAY_BOOT_ID >>boots"])
      try scratch.folder("var/lib/slipway/demo")
      for run in 1...2 {
        try await demo.supervised {
          let recovered = await eventually { scratch.lines("shared/boots").count == run }
          #expect(recovered)
        }
        let boots = scratch.lines("shared/boots")
        #expect(scratch.lines("var/lib/slipway/demo/clean-shutdown") == boots.suffix(1))
        #expect(Set(boots).count == run)
        #expect(boots.allSatisfy { $0.utf8.count == 32 })
      }
    }
  }

  @Test func theWorkingDirectoryIsTheTreeThatWasCurrent() async throws {
    try await Demo.with(agent: "pwd -P >>$SHARED/trees; exec sleep 600") { demo in
      #expect(await eventually { demo.scratch.lines("shared/trees").count == 1 })
      let folder = demo.scratch.path.string + "/opt/slipway/demo"
      #expect(rename("\(folder)/app-1", "\(folder)/app-2") == 0)
      unlink("\(folder)/current")
      symlink("app-2", "\(folder)/current")
      try await demo.controller.restart([demo.agent])
      #expect(await eventually { demo.scratch.lines("shared/trees").count == 2 })
      #expect(demo.scratch.lines("shared/trees") == ["\(folder)/app-1", "\(folder)/app-2"])
    }
  }

  @Test func theReadyFlagStartsApplyAndAnUnclaimedOneStopsSpinning() async throws {
    try await Demo.with(scripts: ["apply": "echo run >>applies"]) { demo in
      #expect(try await demo.agentPID() > 0)
      try demo.scratch.folder("var/lib/slipway/demo/fetch")
      try demo.scratch.write("var/lib/slipway/demo/fetch/ready", "")
      let apply = demo.unit("apply")
      #expect(try await eventually { try await demo.controller.status(apply).result == "start-limit-hit" })
      #expect(demo.scratch.lines("shared/applies").count == 5)
      #expect(try await demo.controller.status("slipway-apply@demo.path").activeState == "inactive")
      unlink(demo.paths.host(demo.paths.ready).string)
      // The next poll arms it again.
      try await demo.controller.start([demo.unit("fetch")])
      #expect(try await demo.controller.status("slipway-apply@demo.path").activeState == "active")
    }
  }

  @Test func fetchRunsAtItsInterval() async throws {
    try await Demo.with(
      scripts: ["fetch": "echo poll >>polls"],
      settings: {
        $0.firstFetch = 0.05
        $0.fetchInterval = 0.05
      }
    ) { demo in
      #expect(await eventually { demo.scratch.lines("shared/polls").count >= 3 })
    }
  }

  @Test func proveLooksOnlyWhileAVersionIsOnProbation() async throws {
    try await Demo.with(scripts: ["prove": "echo look >>looks"], settings: { $0.proveInterval = 0.05 }) { demo in
      #expect(try await demo.agentPID() > 0)
      try demo.scratch.folder("var/lib/slipway/demo")
      try demo.scratch.write("var/lib/slipway/demo/proving-pending", "")
      #expect(!demo.scratch.exists("shared/looks"))
      try await demo.controller.start(["slipway-prove@demo.timer"])
      #expect(await eventually { demo.scratch.lines("shared/looks").count >= 2 })
      unlink(demo.paths.host(demo.paths.proving).string)
      try await demo.controller.stop(["slipway-prove@demo.timer", demo.unit("prove")])
      #expect(try await demo.controller.status("slipway-prove@demo.timer").activeState == "inactive")
    }
  }

  @Test func aBlockingStartWaitsForTheEndOfATask() async throws {
    try await Demo.with(scripts: ["apply": "sleep 0.3; echo done >applied"]) { demo in
      try await demo.controller.start([demo.unit("apply")])
      #expect(demo.scratch.read("shared/applied") == "done\n")
    }
  }

  @Test func aTaskThatFailsIsAnError() async throws {
    try await Demo.with(scripts: ["prove": "exit 1"]) { demo in
      await #expect(throws: ServicesError(.failed, "")) { try await demo.controller.start([demo.unit("prove")]) }
      await #expect(throws: ServicesError(.noSuchUnit, "")) { try await demo.controller.start(["sshd.service"]) }
      let unknown = try await demo.controller.status("sshd.service")
      #expect(unknown.loadState == "not-found")
    }
  }

  @Test func stoppingEndsTheWholeGroupEvenWhenItRefuses() async throws {
    let agent = "trap '' TERM; sleep 600 & echo $! >$SHARED/pids; echo $$ >>$SHARED/pids; while :; do wait; done"
    let found = Mutex<[Int32]>([])
    try await Demo.with(agent: agent) { demo in
      #expect(await eventually { demo.scratch.lines("shared/pids").count == 2 })
      let started = demo.scratch.lines("shared/pids").compactMap { Int32($0) }
      found.withLock { $0 = started }
    }
    let pids = found.withLock { $0 }
    #expect(pids.count == 2)
    for pid in pids { #expect(!Demo.isAlive(pid)) }
  }

  /// unix(7) gives an address 108 bytes.
  @Test func theSocketWorksBelowALongPath() async throws {
    try await Demo.with(depth: 4) { demo in
      #expect(demo.paths.host(demo.paths.supervisorSocket).string.utf8.count > 200)
      let pid = try await demo.agentPID()
      #expect(pid > 0)
    }
  }

  @Test func aSecondSupervisorIsRefused() async throws {
    try await Demo.with { demo in
      var settings = SupervisorSettings(demo.paths) { try Sample.product("demo") }
      settings.handlesSignals = false
      let second = try Supervisor(settings)
      await #expect(throws: ServicesError(.refused, "")) { try await second.run() }
      let pid = try await demo.agentPID()
      #expect(pid > 0)
    }
  }
}
