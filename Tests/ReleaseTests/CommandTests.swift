import Foundation
import Testing

@Suite struct CommandTests {
  @Test(arguments: [
    "init", "pack", "promote", "bundle", "setup", "publish", "sign", "make-key", "add-key", "remove-key", "rotate",
    "delegate", "resign", "verify", "status", "prune", "serve", "mirror",
  ])
  func everyVerbHelpsWithAnExample(_ verb: String) async throws {
    let outcome = try await Program.release([verb, "--help"])
    #expect(outcome.code == 0)
    #expect(outcome.output.contains("Example"))
    #expect(outcome.output.contains("slipway-release \(verb)"))
    #expect(outcome.output.contains("--json"))
  }

  @Test func wholeLineGivesOneDocumentEach() async throws {
    let shop = try await Shop.prepared()
    for (arguments, schema) in [
      (["pack"] + shop.packing("1.1.0"), "slipway.pack/1"),
      (["promote", "demo", "1.1.0", "--channel", "beta", "--ring", "lab"] + shop.signing, "slipway.promote/1"),
      (["resign", "--role", "demo-rollout"] + shop.signing, "slipway.resign/1"),
      (["status"] + shop.repository, "slipway.repository/1"),
      (["verify"] + shop.repository, "slipway.verify/1"),
      (["publish", "--to", shop["web"]] + shop.repository, "slipway.publish/1"),
      (
        ["bundle", "demo", "1.1.0", "--platform", "linux-x86_64", "--output", shop["b"]] + shop.repository,
        "slipway.bundle/1"
      ),
      (
        [
          "setup", "demo", "1.1.0", "--platform", "linux-x86_64", "--setup-binary", "/bin/true", "--output",
          shop["s.run"],
        ] + shop.repository, "slipway.setup/1"
      ),
    ] {
      let outcome = try await Program.release(arguments + ["--json"])
      #expect(outcome.code == 0, "\(outcome.error)")
      #expect(outcome.json["schema"] as? String == schema)
      #expect(outcome.error.isEmpty)
    }
    // The bootstrapper inside still runs, whatever follows it in the file.
    #expect(try await Program.run(.init(shop["s.run"]), []).code == 0)
  }

  @Test func opensslReadsTheKeys() async throws {
    let shop = try await Shop.prepared()
    let outcome = try await Program.run(
      "/usr/bin/openssl",
      ["pkey", "-in", shop["keys/root/root-1.pem"], "-passin", "file:\(shop["secret"])", "-noout", "-text"])
    #expect(outcome.code == 0)
    #expect(outcome.output.contains("ED25519"))
  }

  @Test func tarListsABundleMetadataFirst() async throws {
    let shop = try await Shop.prepared()
    let made = try await Program.release(
      ["bundle", "demo", "1.0.0", "--platform", "linux-x86_64", "--output", shop["demo.bundle"]] + shop.repository)
    #expect(made.code == 0)
    let outcome = try await Program.run("/bin/tar", ["tf", shop["demo.bundle"]])
    let names = outcome.output.split(separator: "\n")
    #expect(outcome.code == 0)
    #expect(names.count == 11)
    #expect(names.prefix(6).allSatisfy { $0.hasPrefix("metadata/") })
    #expect(names.dropFirst(6).allSatisfy { $0.hasPrefix("targets/") })
  }

  @Test func exitCodesAreTheContracts() async throws {
    let shop = try await Shop.prepared()
    try shop.write("wrong\n", "wrong")
    try shop.write("id = \"demo\"\nplatform = []\n", "bad.toml")
    let keys = ["--keys", shop["keys"]]
    let before = try shop.metadata()
    for (arguments, code, name) in [
      (["status", "--repository", shop["nowhere"]], 23, "noRepository"),
      (["init"] + shop.signing, 65, "exists"),
      (["resign"] + shop.repository + keys + ["--passphrase-file", shop["wrong"]], 65, "key"),
      (["resign"] + shop.repository + keys, 65, "passphraseMissing"),
      (["resign"] + shop.repository + ["--passphrase-file", shop["secret"]], 65, "keyMissing"),
      (["promote", "demo", "9.0.0", "--channel", "stable"] + shop.signing, 65, "unsigned"),
      (["promote", "other", "1.0.0", "--channel", "stable"] + shop.signing, 65, "unsigned"),
      (
        ["bundle", "demo", "9.0.0", "--platform", "linux-x86_64", "--output", shop["b"]] + shop.repository, 65,
        "unsigned"
      ),
      (["pack"] + shop.packing("1.1.0") + ["--manifest", shop["bad.toml"]], 65, "unknownKey"),
      (["pack"] + shop.packing("1.1.0") + ["--manifest", shop["none.toml"]], 65, "invalidInput"),
      (["pack"] + shop.packing("1.1.0") + ["--tree", shop["none"]], 65, "invalidInput"),
      (["pack"] + shop.packing("1.1.0") + ["--platform", "linux-aarch64"], 65, nil),
    ] as [([String], Int32, String?)] {
      let outcome = try await Program.release(arguments + ["--json"])
      #expect(outcome.code == code, "\(arguments.prefix(3)): \(outcome.error)")
      #expect(outcome.json["schema"] as? String == "slipway.error/1")
      #expect(outcome.json["code"] as? Int == Int(code))
      if let name { #expect(outcome.json["error"] as? String == name, "\(outcome.error)") }
      #expect(outcome.error.hasPrefix("ERROR: "))
    }
    #expect(try shop.metadata() == before)
  }

  @Test func anOutputThatCannotBeWrittenIsNamedAsGivenWithARemedy() async throws {
    let shop = try await Shop.prepared()
    try shop.write("", "file")
    let nowhere = shop["none"]
    for arguments in [
      ["bundle", "demo", "1.0.0", "--platform", "linux-x86_64", "--output", "\(nowhere)/b"],
      [
        "setup", "demo", "1.0.0", "--platform", "linux-x86_64", "--setup-binary", "/bin/true", "--output",
        "\(nowhere)/s",
      ],
      ["publish", "--to", "\(shop["file"])/web"],
    ] {
      let outcome = try await Program.release(arguments + shop.repository + ["--json"])
      #expect(outcome.code == 31, "\(outcome.error)")
      #expect(outcome.json["remedy"] is String)
      let message = try #require(outcome.json["message"] as? String)
      #expect(message.hasPrefix(arguments[0] == "publish" ? shop["file"] : "\(nowhere):"))
      #expect(!message.contains("/.:"), "\(message)")
    }
  }

  @Test(arguments: [
    ["pack"], ["promote", "demo"], ["promote", "demo", "1.0", "--channel", "c", "--repository", "r"], ["fly"],
    ["resign", "--repository", "r", "--expires", "root=never"],
  ])
  func wrongUsageIs64(_ arguments: [String]) async throws {
    #expect(try await Program.release(arguments).code == 64)
  }

  @Test func aManifestsErrorNamesFileAndLine() async throws {
    let shop = try await Shop.prepared()
    try shop.write("id = \"demo\"\nname = \"Demo\"\nplatform = []\n", "bad.toml")
    let outcome = try await Program.release(["pack"] + shop.packing("1.1.0") + ["--manifest", shop["bad.toml"]])
    #expect(outcome.code == 65)
    #expect(outcome.error.contains("bad.toml:3"))
    #expect(outcome.error.contains("platform"))
  }

  @Test func passphraseComesFromTheEnvironmentToo() async throws {
    let shop = try await Shop.prepared()
    let arguments = ["resign"] + shop.repository + ["--keys", shop["keys"]]
    #expect(
      try await Program.release(arguments, environment: ["SLIPWAY_PASSPHRASE": "correct horse"]).code == 0)
  }

  @Test func singleKeysSignWithoutTheirFolder() async throws {
    let shop = try await Shop.prepared()
    let keys = ["snapshot", "timestamp"].flatMap { ["--key", shop["keys/online/\($0)-1.pem"]] }
    let outcome = try await Program.release(
      ["resign", "--passphrase-file", shop["secret"]] + shop.repository + keys)
    #expect(outcome.code == 0, "\(outcome.error)")
  }

  @Test func damagedMetadataIsNamedWithItsFile() async throws {
    let shop = try await Shop.prepared()
    try shop.write("{", "repo/metadata/1.demo.json")
    for verb in [["status"], ["verify"], ["resign", "--keys", shop["keys"], "--passphrase-file", shop["secret"]]] {
      let outcome = try await Program.release(verb + shop.repository)
      #expect(outcome.code == 20)
      #expect(outcome.error.contains("1.demo.json"))
    }
  }

  @Test func shortLifetimesShowInStatusAndVerify() async throws {
    let shop = try await Shop.prepared()
    let resigned = try await Program.release(["resign", "--expires", "timestamp=1s"] + shop.signing)
    #expect(resigned.code == 0)
    var code: Int32? = 0
    let deadline = ContinuousClock.now + .seconds(30)
    while code == 0, ContinuousClock.now < deadline {
      code = try await Program.release(["verify"] + shop.repository).code
    }
    #expect(code == 21)
    let status = try await Program.release(["status"] + shop.repository)
    #expect(status.code == 0)
    #expect(status.output.contains("EXPIRED"))
    #expect(status.error.contains("WARNING: timestamp has expired"))
    let checked = try await Program.release(["status", "--check", "--json"] + shop.repository)
    #expect(checked.code == 21)
    let warnings = checked.json["warnings"] as? [[String: String]]
    #expect(warnings?.map { $0["role"] } == ["timestamp"])
    #expect(warnings?.first?["expiry"] == "expired")
  }
}
