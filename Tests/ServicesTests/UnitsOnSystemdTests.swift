import Product
import Testing

@testable import Services

/// The generated units under a real systemd. The updater is a script that notes how it was called.
@Suite(.serialized, .enabled(if: Container.isProvided, "run by scripts/test, which provides a container"))
struct UnitsOnSystemdTests {
  static let updater = """
    #!/bin/sh
    # Where each part may write.
    state=/var/lib/slipway/room-agent
    case $1 in
      fetch) echo "$(id -un) $(umask)" >"$STATE_DIRECTORY/called" ;;
      apply) mv "$state/fetch/ready" "$state/fetch/claimed" && cat /proc/net/dev >$state/applied ;;
      *) echo "$* $SLIPWAY_BOOT_ID" >>$state/calls ;;
    esac

    """

  private func install(_ container: Container, agent: String) async throws -> ProductManifest {
    let product = try Sample.product(tpm: .required)
    let folder = "/opt/slipway/room-agent/app-1"
    try await container.write("\(folder)/slipway/bin/slipway", Self.updater, mode: "0755")
    try await container.write("\(folder)/agent/run", "#!/bin/sh\n\(agent)\n", mode: "0755")
    let users = Units.sysusers(product)
    try await container.write("/etc/sysusers.d/\(users.name)", users.text)
    try await container.shell(
      """
      ln -s app-1 /opt/slipway/room-agent/current; ln -s app-1 /opt/slipway/room-agent/proven
      mkdir -p /var/lib/slipway/room-agent; systemd-sysusers
      """)
    for unit in try Units.all(product, UnitPaths(product.id)) {
      try await container.write("/etc/systemd/system/\(unit.name)", unit.text)
    }
    try await container.systemd.reload()
    return product
  }

  @Test func systemdFindsNothingToSayAndLittleExposure() async throws {
    try await Container.with("verify") { container in
      let product = try await install(container, agent: "exec sleep 600")
      let units = try Units.all(product, UnitPaths(product.id))
      let names = units.map { "/etc/systemd/system/\($0.name)" }.joined(separator: " ")
      #expect(try await container.shell("systemd-analyze verify --man=no \(names) 2>&1") == "")

      for (unit, limit) in [
        ("slipway-fetch@room-agent.service", 1.5), ("slipway-apply@room-agent.service", 1.5),
        ("slipway-prove@room-agent.service", 1.5), ("slipway-recover@room-agent.service", 2.5),
        ("slipway-rescue@room-agent.service", 2.5), ("slipway-pac-room-agent@1.service", 1.5),
        ("slipway-signer-room-agent@1.service", 1.5),
        ("room-agent-agent.service", 3.0),
      ] {
        let report = try await container.shell("systemd-analyze security --no-pager \(unit) | tail -n 1")
        let words = report.split(whereSeparator: { " :".contains($0) }).map(String.init)
        let exposure = words.lazy.compactMap(Double.init).first ?? 10
        print("exposure of \(unit): \(exposure)")
        #expect(exposure < limit, "\(report)")
      }
    }
  }

  @Test func partsRunWhereAndAsWhomTheyShould() async throws {
    try await Container.with("parts") { container in
      _ = try await install(container, agent: "exec sleep 600")
      let systemd = container.systemd
      try await systemd.enable(
        Units.all(Sample.product(), UnitPaths(Sample.product().id)).filter { $0.wantedBy != nil }.map(\.name))
      try await systemd.start(["slipway-recover@room-agent.service", "room-agent-agent.service"])
      try await systemd.start(["slipway-apply@room-agent.path", "slipway-fetch@room-agent.service"])
      let agent = try await systemd.status("room-agent-agent.service")
      #expect(agent.isRunning)
      #expect(agent.invocationID.count == 32)
      #expect(agent.startedAtMonotonicMicroseconds > 0)
      let called = try await container.shell("cat /var/lib/slipway/room-agent/fetch/called")
      #expect(called == "slipway-room-agent 0007\n")

      try await container.shell("touch /var/lib/slipway/room-agent/fetch/ready")
      let applied = try await eventually {
        try await container.shell("cat /var/lib/slipway/room-agent/applied || true").contains("lo:")
      }
      #expect(applied)
      #expect(try await container.shell("ls /var/lib/slipway/room-agent/fetch") == "called\nclaimed\n")

      // Held back without a version on probation, running with one.
      try await systemd.start(["slipway-prove@room-agent.timer"])
      #expect(try await systemd.status("slipway-prove@room-agent.timer").activeState == "inactive")
      try await container.shell("touch /var/lib/slipway/room-agent/proving-pending")
      try await systemd.start(["slipway-prove@room-agent.timer"])
      #expect(try await systemd.status("slipway-prove@room-agent.timer").activeState == "active")
      try await systemd.start(["slipway-prove@room-agent.service"])
      let calls = try await container.shell("cat /var/lib/slipway/room-agent/calls")
      #expect(calls.contains("prove --product room-agent"))

      let before = try await container.shell("tr -d - </proc/sys/kernel/random/boot_id")
      // Kept, so that it tells of the shutdown too.
      try await container.shell("mkdir -p /var/log/journal; journalctl --flush")
      try await container.reboot()
      let mark = "/var/lib/slipway/room-agent/clean-shutdown"
      #expect(try await container.shell("cat \(mark) || journalctl --boot=-1 --no-pager --lines=60") == before)
      let now = try await container.shell("tr -d - </proc/sys/kernel/random/boot_id")
      #expect(now != before)
      let recover = "recover --boot --product room-agent"
      let recovers = try await container.shell("grep recover /var/lib/slipway/room-agent/calls")
      #expect(recovers == "\(recover) \(before)\(recover) \(now)")
      #expect(try await systemd.status("room-agent-agent.service").isRunning)
      #expect(try await systemd.status("slipway-apply@room-agent.path").activeState == "active")
      #expect(try await systemd.status("slipway-prove@room-agent.timer").activeState == "active")
      #expect(try await container.shell("journalctl --no-pager -p 4 | grep -i 'ordering cycle' || true") == "")
    }
  }

  @Test func theThirdCrashCallsRescue() async throws {
    try await Container.with("rescue") { container in
      _ = try await install(container, agent: "exit 1")
      try? await container.systemd.start(["room-agent-agent.service"])
      let rescued = try await eventually(within: 30) {
        try await container.shell("cat /var/lib/slipway/room-agent/calls 2>&1 || true").contains("recover --rescue")
      }
      #expect(rescued)
      #expect(try await container.systemd.status("room-agent-agent.service").isFailed)
      await #expect(throws: ServicesError(.failed, "")) {
        try await container.systemd.start(["room-agent-agent.service"])
      }
      try await container.systemd.resetFailed(["room-agent-agent.service", "never-seen.service"])
    }
  }

  @Test func aJobIsBoundedAndReachesLoopbackOnly() async throws {
    try await Container.with("jobs") { container in
      _ = try await install(container, agent: "exec sleep 600")
      let sandbox = Sandbox.probe(Sample.service())
      func run(_ script: String, limit: Double = 10) async throws -> JobResult {
        try await container.systemd.run(
          TransientJob(command: ["/bin/sh", "-c", script], user: "room", sandbox: sandbox, timeLimit: limit))
      }
      let first = try await run("id -un; exit 7")
      #expect(first.status == 7)
      #expect(String(decoding: first.output, as: UTF8.self) == "room\n")
      let slow = try await run("sleep 600", limit: 1)
      #expect(slow.timedOut)
      try await container.shell(
        "systemd-run --quiet python3 -m http.server 8099 --bind 0.0.0.0; ip addr add 10.9.9.9/32 dev lo")
      let near = try await eventually { try await run("curl -sf -o /dev/null http://127.0.0.1:8099/").status == 0 }
      #expect(near)
      // IPAddressDeny= needs the unified control groups of the host that the container runs on.
      if try await container.shell("stat -fc %T /sys/fs/cgroup") == "cgroup2fs\n" {
        #expect(try await run("curl -sf -m 2 -o /dev/null http://10.9.9.9:8099/").status != 0)
      }
    }
  }
}
