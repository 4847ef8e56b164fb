import Product
import Testing

@testable import Services

@Suite struct UnitsTests {
  @Test func everyUnitIsAFullInstance() throws {
    let product = try Sample.product()
    let units = try Units.all(product, UnitPaths(product.id))
    #expect(
      units.map(\.name) == [
        "slipway-fetch@room-agent.timer", "slipway-fetch@room-agent.path", "slipway-fetch@room-agent.service",
        "slipway-apply@room-agent.path", "slipway-apply@room-agent.timer", "slipway-apply@room-agent.service",
        "slipway-prove@room-agent.timer", "slipway-prove@room-agent.service",
        "slipway-recover@room-agent.service", "slipway-rescue@room-agent.service", "slipway-pac-room-agent.socket",
        "slipway-pac-room-agent@.service", "room-agent-agent.service",
      ])
    for unit in units {
      // %b, the boot's id, is the one specifier: nothing is named after an instance.
      #expect(unit.text.split(separator: "%").dropFirst().allSatisfy { $0.hasPrefix("b") }, "\(unit.name)")
      #expect(unit.text.hasSuffix("\n"))
    }
  }

  @Test func aProductWithATPMHasASignerAndOthersHaveNone() throws {
    let names = { (tpm: PrerequisiteRules.TPM) in
      let product = try Sample.product(tpm: tpm)
      return try Units.updater(product, UnitPaths(product.id)).map(\.name)
    }
    let without = try names(.ignored)
    let signer = ["slipway-signer-room-agent.socket", "slipway-signer-room-agent@.service"]
    #expect(without.allSatisfy { !signer.contains($0) })
    #expect(try names(.required) == without + signer)
    #expect(try names(.optional) == without + signer)
  }

  @Test(arguments: [
    ("slipway-signer-room-agent.socket", "ListenStream=/run/slipway/room-agent/tpm.sock"),
    ("slipway-signer-room-agent.socket", "SocketUser=root"),
    ("slipway-signer-room-agent.socket", "SocketGroup=slipway-room-agent"),
    ("slipway-signer-room-agent.socket", "SocketMode=0660"),
    ("slipway-signer-room-agent.socket", "Accept=yes"),
    ("slipway-signer-room-agent.socket", "MaxConnections=8"),
    ("slipway-signer-room-agent.socket", "WantedBy=sockets.target"),
    (
      "slipway-signer-room-agent@.service",
      "ExecStart=/opt/slipway/room-agent/proven/slipway/bin/slipway tpm-signer --product room-agent --user slipway-room-agent"
    ),
    ("slipway-signer-room-agent@.service", "StandardInput=socket"),
    ("slipway-signer-room-agent@.service", "RuntimeMaxSec=70s"),
    ("slipway-signer-room-agent@.service", "DevicePolicy=closed"),
    ("slipway-signer-room-agent@.service", "DeviceAllow=/dev/tpmrm0 rw"),
    ("slipway-signer-room-agent@.service", "PrivateDevices=no"),
    ("slipway-signer-room-agent@.service", "PrivateNetwork=yes"),
    ("slipway-signer-room-agent@.service", "CapabilityBoundingSet=CAP_DAC_OVERRIDE"),
    (
      "slipway-fetch@room-agent.timer", "Wants=slipway-pac-room-agent.socket slipway-signer-room-agent.socket"
    ),
  ]) func theSignerHasTheTPMAndNothingElse(unit: String, line: String) throws {
    #expect(try Sample.lines(unit, of: Sample.product(tpm: .required)).contains(line), "\(unit): \(line)")
  }

  @Test(arguments: ["fetch", "apply", "prove", "recover", "rescue"])
  func updaterRunsFromTheProvenTree(part: String) throws {
    let lines = try Sample.lines("slipway-\(part)@room-agent.service", of: Sample.product())
    let start = lines.filter { $0.hasPrefix("ExecStart=") }
    #expect(start.count == 1)
    #expect(start[0].hasPrefix("ExecStart=/opt/slipway/room-agent/proven/slipway/bin/slipway "))
    #expect(start[0].hasSuffix(" --product room-agent"))
    #expect(!lines.contains { $0.contains("/current") })
  }

  @Test(arguments: [
    ("slipway-fetch@room-agent.service", "User=slipway-room-agent"),
    ("slipway-fetch@room-agent.service", "StateDirectory=slipway/room-agent/fetch"),
    ("slipway-fetch@room-agent.service", "StateDirectoryMode=0770"),
    ("slipway-fetch@room-agent.service", "LogsDirectory=slipway/room-agent/fetch"),
    ("slipway-fetch@room-agent.service", "UMask=0007"),
    (
      "slipway-fetch@room-agent.service",
      "Wants=network-online.target slipway-apply@room-agent.path slipway-fetch@room-agent.path slipway-pac-room-agent.socket"
    ),
    ("slipway-pac-room-agent.socket", "ListenStream=/run/slipway/room-agent/pac.sock"),
    ("slipway-pac-room-agent.socket", "SocketGroup=slipway-room-agent"),
    ("slipway-pac-room-agent.socket", "SocketMode=0660"),
    ("slipway-pac-room-agent.socket", "Accept=yes"),
    ("slipway-pac-room-agent.socket", "WantedBy=sockets.target"),
    (
      "slipway-pac-room-agent@.service",
      "ExecStart=/opt/slipway/room-agent/proven/slipway/bin/slipway pac-evaluator"
    ),
    ("slipway-pac-room-agent@.service", "StandardInput=socket"),
    ("slipway-pac-room-agent@.service", "DynamicUser=yes"),
    ("slipway-pac-room-agent@.service", "PrivateNetwork=yes"),
    ("slipway-pac-room-agent@.service", "RestrictAddressFamilies=none"),
    ("slipway-fetch@room-agent.timer", "Wants=slipway-pac-room-agent.socket"),
    ("slipway-fetch@room-agent.timer", "OnUnitInactiveSec=3600s"),
    ("slipway-fetch@room-agent.timer", "RandomizedDelaySec=600s"),
    ("slipway-apply@room-agent.path", "PathExists=/var/lib/slipway/room-agent/fetch/ready"),
    ("slipway-apply@room-agent.service", "PrivateNetwork=yes"),
    ("slipway-apply@room-agent.service", "SupplementaryGroups=slipway-room-agent"),
    ("slipway-apply@room-agent.service", "LogsDirectory=slipway/room-agent/apply"),
    ("slipway-apply@room-agent.service", "RuntimeDirectoryPreserve=yes"),
    ("slipway-apply@room-agent.service", "StartLimitIntervalSec=600"),
    ("slipway-apply@room-agent.service", "StartLimitBurst=5"),
    ("slipway-apply@room-agent.service", "OnFailure=slipway-rescue@room-agent.service"),
    ("slipway-prove@room-agent.timer", "ConditionPathExists=/var/lib/slipway/room-agent/proving-pending"),
    ("slipway-apply@room-agent.timer", "OnBootSec=780s"),
    ("slipway-prove@room-agent.timer", "OnBootSec=30s"),
    ("slipway-prove@room-agent.timer", "OnUnitActiveSec=10s"),
    ("slipway-prove@room-agent.timer", "AccuracySec=1s"),
    ("slipway-prove@room-agent.timer", "WantedBy=timers.target"),
    (
      "slipway-prove@room-agent.service",
      "ReadWritePaths=-/opt/slipway/room-agent -/var/lib/slipway/room-agent -/etc/systemd/system"
    ),
    ("slipway-recover@room-agent.service", "TimeoutStartSec=8s"),
    ("slipway-recover@room-agent.service", "RemainAfterExit=yes"),
    ("room-agent-agent.service", "ExecStart=/opt/slipway/room-agent/current/agent/run"),
    ("room-agent-agent.service", "WorkingDirectory=/opt/slipway/room-agent/current"),
    ("room-agent-agent.service", "Restart=always"),
    ("room-agent-agent.service", "RestartSec=1"),
    ("room-agent-agent.service", "StartLimitIntervalSec=60"),
    ("room-agent-agent.service", "StartLimitBurst=3"),
    ("room-agent-agent.service", "OnFailure=slipway-rescue@room-agent.service"),
    ("room-agent-agent.service", "LogsDirectory=slipway/room-agent/agent"),
    ("room-agent-agent.service", "SyslogIdentifier=room-agent-agent"),
  ])
  func unitSays(unit: String, line: String) throws {
    #expect(try Sample.lines(unit, of: Sample.product()).contains(line))
  }

  @Test func agentIsOnlyOrderedAfterRecover() throws {
    let lines = try Sample.lines("room-agent-agent.service", of: Sample.product())
    #expect(lines.contains { $0.hasPrefix("After=") && $0.contains("slipway-recover@room-agent.service") })
    // Either would run recover again at each restart of the agent.
    #expect(!lines.contains { $0.hasPrefix("Wants=") || $0.hasPrefix("Requires=") || $0.hasPrefix("BindsTo=") })
  }

  @Test func recoverComesBeforeEverythingItMayMove() throws {
    let product = try Sample.product(services: [Sample.service(), Sample.service("screen")])
    let before = try Sample.lines("slipway-recover@room-agent.service", of: product).first { $0.hasPrefix("Before=") }
    for unit in [
      "slipway-fetch@room-agent.service", "slipway-apply@room-agent.service", "slipway-apply@room-agent.path",
      "slipway-prove@room-agent.timer", "room-agent-agent.service", "room-agent-screen.service",
    ] { #expect(before?.contains(unit) == true, "\(unit)") }
  }

  /// Otherwise: recover, then the path, then basic.target, then recover again.
  @Test(arguments: ["slipway-apply@room-agent.path", "slipway-prove@room-agent.timer"])
  func whatWaitsForRecoverIsNotPartOfBasicTarget(unit: String) throws {
    #expect(try Sample.lines(unit, of: Sample.product()).contains("DefaultDependencies=no"))
  }

  /// RestrictSUIDSGID= makes openat2 fail, which everything but fetch needs.
  @Test(arguments: ["apply", "prove", "recover", "rescue"])
  func openat2IsLeftToWork(part: String) throws {
    let lines = try Sample.lines("slipway-\(part)@room-agent.service", of: Sample.product())
    #expect(!lines.contains { $0.hasPrefix("RestrictSUIDSGID") })
    #expect(lines.contains("ProcSubset=all"))
  }

  @Test func noTwoWritersShareAFolder() throws {
    let services = [Sample.service("a", user: "one"), Sample.service("b", user: "two")]
    let product = try Sample.product(services: services, data: [DataFolder(name: "rooms")])
    let units = try Units.all(product, UnitPaths(product.id)).filter {
      !$0.name.contains("@") || $0.name.contains("fetch@")
    }
    let folders = units.flatMap { unit in
      unit.text.split(separator: "\n").filter { $0.contains("Directory=") && !$0.hasPrefix("Working") }
    }
    #expect(Set(folders).count == folders.count)
    #expect(folders.filter { $0.contains("rooms") }.count == 1)
  }

  @Test(arguments: [
    ("plain", "plain"), ("two words", "\"two words\""), ("50%", "50%%"), ("$HOME", "$$HOME"), ("${HOME}", "$${HOME}"),
    ("${RUNTIME_DIRECTORY}/s", "${RUNTIME_DIRECTORY}/s"), ("a\"b", "\"a\\\"b\""), ("a\\b", "\"a\\\\b\""), ("", "\"\""),
    ("line\nfeed", "\"line\\nfeed\""), ("semi;colon", "\"semi;colon\""),
  ])
  func wordsReachTheProgramAsTheyAre(word: String, written: String) {
    #expect(UnitText.word(word) == written)
  }

  @Test func aNameThatWouldBeginASettingIsRefused() throws {
    let product = try Sample.product(name: "Room\nExecStart=/bin/sh")
    #expect(throws: ServicesError(.malformed, "")) { try Units.all(product, UnitPaths(product.id)) }
  }

  @Test func usersComeFromSysusers() throws {
    let text = Units.sysusers(try Sample.product()).text
    #expect(text.split(separator: "\n").map { $0.prefix { $0 != "\"" } } == ["u slipway-room-agent - ", "u room - "])
  }
}
