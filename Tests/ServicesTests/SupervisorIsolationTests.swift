import Glibc
import Testing

@testable import Services

@Suite(.enabled(if: geteuid() == 0, "users and namespaces need root"))
struct SupervisorIsolationTests {
  @Test func fetchRunsAsItsOwnUserInItsOwnFolder() async throws {
    try await Demo.with(scripts: ["fetch": "cd $STATE_DIRECTORY && : >mine && exec sleep 600"]) { demo in
      let fetch = demo.unit("fetch")
      try await demo.controller.start([fetch], noBlock: true)
      #expect(await eventually { demo.scratch.exists("var/lib/slipway/demo/fetch/mine") })
      let pid = try await demo.controller.status(fetch).mainPID
      let id = String(Demo.fetchUser)
      #expect(Demo.field("Uid", of: pid).split(separator: "\t").map(String.init) == [id, id, id, id])
      #expect(
        Demo.field("Groups", of: pid).split(separator: " ").map(String.init).filter { !$0.isEmpty } == ["\t" + id])
      #expect(Demo.field("CapEff", of: pid).hasSuffix("0000000000000000"))
      #expect(Demo.network(of: pid) == Demo.network(of: getpid()))
      try await demo.controller.stop([fetch])
    }
  }

  @Test func applyHasANetworkNamespaceOfItsOwn() async throws {
    try await Demo.with(scripts: ["apply": "exec sleep 600"]) { demo in
      let apply = demo.unit("apply")
      try await demo.controller.start([apply], noBlock: true)
      let pid = try await demo.controller.status(apply).mainPID
      #expect(pid > 0)
      #expect(Demo.network(of: pid).hasPrefix("net:["))
      #expect(Demo.network(of: pid) != Demo.network(of: getpid()))
      #expect(Demo.field("Uid", of: pid).hasPrefix("\t0"))
      #expect(try await demo.controller.isolation() == .full)
      try await demo.controller.stop([apply])
    }
  }

  @Test func theAgentRunsAsItsUser() async throws {
    try await Demo.with(agent: "echo ok >$STATE_DIRECTORY/own && echo \"$1\" >$SHARED/arg && exec sleep 600") { demo in
      let pid = try await demo.agentPID()
      #expect(await eventually { demo.scratch.exists("shared/arg") })
      #expect(Demo.field("Uid", of: pid).hasPrefix("\t\(Demo.agentUser)"))
      #expect(demo.scratch.read("var/lib/demo/own") == "ok\n")
      #expect(demo.scratch.lines("shared/arg") == ["\(demo.scratch.path)/run/demo/sock"])
    }
  }

  @Test func onlyRootAndTheStartingUserMayAsk() async throws {
    try await Demo.with { demo in
      let socket = demo.paths.host(demo.paths.supervisorSocket).string
      // Even where somebody has opened the socket's mode, the peer's user is looked at.
      #expect(chmod(socket, 0o666) == 0)
      let question = #"{"verb":"describe","units":[],"noBlock":false}"#
      let script = """
        import socket, sys
        s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); s.settimeout(5)
        try: s.sendall(sys.argv[2].encode() + b"\\n")
        except OSError: pass
        print(s.recv(1000).decode())
        """
      let job = TransientJob(command: ["/usr/bin/env", "python3", "-c", script, socket, question], user: "room")
      let refused = try await demo.controller.run(job)
      #expect(String(decoding: refused.output, as: UTF8.self).contains(#""error":"refused""#))
      var asRoot = job
      asRoot.user = nil
      let answered = try await demo.controller.run(asRoot)
      #expect(String(decoding: answered.output, as: UTF8.self).contains(#""isolation":"full""#))
    }
  }

  @Test func childrenDieWithTheSupervisorsThread() async throws {
    let started: [Int32] = await withCheckedContinuation { continuation in
      OwnThread.start {
        let launch = ChildProcess.Launch(
          path: "/bin/sleep", arguments: ["sleep", "600"], environment: [:], output: 2,
          account: Account(name: "room", user: 64_802, group: 64_802, groups: [64_802], home: "/"))
        continuation.resume(returning: (try? [ChildProcess(launch).pid]) ?? [])
      }
    }
    let pid = try #require(started.first)
    #expect(await eventually { !Demo.isAlive(pid) })
    waitpid(pid, nil, 0)
  }
}
