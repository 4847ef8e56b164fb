import Glibc
import Posix
import Product
import SystemPackage

@testable import Services

/// A product of shell scripts in a scratch root, and the supervisor that runs it.
///
/// The updater runs `scripts/VERB`; what the agent and the verbs are is up to the test.
struct Demo: Sendable {
  static let fetchUser: uid_t = 64_801
  static let agentUser: uid_t = 64_802

  let scratch: Scratch
  let paths: UnitPaths
  let controller: Supervised
  let agent = "demo-agent.service"

  func unit(_ part: String) -> String { "slipway-\(part)@demo.service" }

  /// Runs `body` against a running supervisor; afterwards the supervisor and all its processes are gone.
  static func with(
    agent: String = "exec sleep 600", scripts: [String: String] = [:], depth: Int = 0,
    settings: @Sendable (inout SupervisorSettings) -> Void = { _ in },
    _ body: @Sendable (Demo) async throws -> Void
  ) async throws {
    try await Scratch.with { outer in
      let demo = try prepare(try nested(outer, depth), agent: agent, scripts: scripts)
      try await demo.supervised(settings) { try await body(demo) }
    }
  }

  /// One run of the supervisor, from its start to its clean stop.
  func supervised(
    _ configure: (inout SupervisorSettings) -> Void = { _ in }, _ body: () async throws -> Void
  ) async throws {
    var settings = SupervisorSettings(paths) {
      try Sample.product(
        "demo",
        services: [
          AgentService(
            name: "agent", command: ["agent/run", "${RUNTIME_DIRECTORY}/sock"], user: "room",
            restart: AgentService.Restart(stopSeconds: 2))
        ])
    }
    settings.handlesSignals = false
    settings.firstFetch = 3600
    settings.firstProve = 0
    settings.stopLimit = 1
    configure(&settings)
    let supervisor = try Supervisor(settings)
    let running = Task { try await supervisor.run() }
    do {
      guard await eventually({ controller.isReachable }) else { throw ServicesError(.unreachable, "no socket") }
      try await body()
    } catch {
      supervisor.stop()
      try await running.value
      throw error
    }
    supervisor.stop()
    try await running.value
  }

  private static func nested(_ outer: Scratch, _ depth: Int) throws -> Scratch {
    let name = (0..<depth).map { _ in String(repeating: "d", count: 50) }.joined(separator: "/")
    guard !name.isEmpty else { return outer }
    try outer.folder(name)
    return Scratch(path: outer.path.pushing(FilePath(name)))
  }

  static func prepare(_ scratch: Scratch, agent: String = "exec sleep 600", scripts: [String: String]) throws -> Demo {
    for folder in ["etc", "scripts", "shared", "opt/slipway/demo/app-1/slipway/bin", "opt/slipway/demo/app-1/agent"] {
      try scratch.folder(folder)
    }
    chmod(scratch.path.appending("shared").string, 0o777)
    try scratch.write(
      "etc/passwd",
      "slipway-demo:x:\(fetchUser):\(fetchUser)::/nonexistent:/x\nroom:x:\(agentUser):\(agentUser)::/home/room:/x\n")
    try scratch.write("etc/group", "media:x:64810:room\n")
    for verb in ["fetch", "apply", "prove", "recover", "tpm-signer"] {
      try scratch.write("scripts/\(verb)", "cd \(scratch.path)/shared\n\(scripts[verb] ?? "")\n")
    }
    let updater = "exec /bin/sh \(scratch.path)/scripts/$1 \"$@\""
    _ = try scratch.script("opt/slipway/demo/app-1/slipway/bin/slipway", updater)
    _ = try scratch.script("opt/slipway/demo/app-1/agent/run", "SHARED=\(scratch.path)/shared\n\(agent)")
    for link in ["current", "proven"] {
      symlink("app-1", scratch.path.pushing(FilePath("opt/slipway/demo/\(link)")).string)
    }
    let paths = UnitPaths(try ProductID("demo"), root: scratch.path)
    return Demo(scratch: scratch, paths: paths, controller: Supervised(paths))
  }

  /// The agent's process, once it runs.
  func agentPID() async throws -> Int32 {
    var pid: Int32 = 0
    _ = try await eventually {
      pid = try await controller.status(agent).mainPID
      return pid != 0
    }
    return pid
  }

  /// A field of /proc/PID/status, or "".
  static func field(_ name: String, of pid: Int32) -> String {
    let lines = Scratch(path: "/proc").lines("\(pid)/status")
    return lines.first { $0.hasPrefix(name + ":") }.map { String($0.dropFirst(name.count + 1)) } ?? ""
  }

  /// The network namespace of a process, as /proc names it.
  static func network(of pid: Int32) -> String {
    (try? Directory.open(FilePath("/proc/\(pid)/ns")).readLink("net")) ?? ""
  }

  static func isAlive(_ pid: Int32) -> Bool { kill(pid, 0) == 0 && !field("State", of: pid).contains("Z") }
}
