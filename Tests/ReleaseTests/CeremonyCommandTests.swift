import Foundation
import Testing

@Suite struct CeremonyCommandTests {
  @Test func aChangeGoesFromKeyToKey() async throws {
    let shop = try await Shop.prepared()
    let made = try await run(shop, ["make-key", shop["carol.pem"], "--passphrase-file", shop["secret"], "--json"])
    let key = try #require(made.json["key"] as? String)
    let proposed = try await run(
      shop,
      ["add-key", "root", "--public-key", shop["carol.pem.pub"], "--propose", shop["change"], "--json"]
        + one(shop, "root/root-1.pem"))
    #expect((proposed.json["keys"] as? [String])?.contains(key) == true)
    #expect(try !shop.metadata().contains("2.root.json"))
    let shown = try await run(shop, ["sign", shop["change"], "--show"] + shop.repository)
    for text in ["Root of trust", "root: version 1 -> 2", "adds the key \(key) (ed25519)", "signed by 1 of 2"] {
      #expect(shown.output.contains(text), "\(shown.output)")
    }
    let signed = try await run(shop, ["sign", shop["change"], "--yes"] + one(shop, "root/root-2.pem"))
    #expect(signed.error.contains("adds the key \(key)") && signed.error.contains("Published"))
    #expect(try shop.metadata().contains("2.root.json"))
    let removed = try await run(shop, ["remove-key", "root", String(key.prefix(12)), "--json"] + shop.signing)
    #expect((removed.json["keys"] as? [String])?.count == 3)
    #expect(try await Program.release(["verify"] + shop.repository).code == 0)
  }

  /// A person decides by what stands on the terminal.
  @Test func aProposalCannotForgeLinesOrSteerTheTerminal() async throws {
    let shop = try await Shop.prepared()
    try await run(shop, ["resign", "--role", "root", "--propose", shop["change"]] + one(shop, "root/root-1.pem"))
    let file = URL(fileURLWithPath: shop["change"])
    let forged = try String(contentsOf: file, encoding: .utf8).replacingOccurrences(
      of: #""consistent_snapshot""#,
      with: "\"a\\u001b[2K\\nroot: all is well\\u202e\":\"b\\nroot: fine\",\"consistent_snapshot\"")
    try Data(forged.utf8).write(to: file)
    let shown = try await run(shop, ["sign", shop["change"], "--show"] + shop.repository)
    #expect(shown.output.contains("all is well"))
    #expect(!shown.output.contains("\nroot: all") && !shown.output.contains("\nroot: fine"), "\(shown.output)")
    #expect(!shown.output.unicodeScalars.contains { $0.value == 0x1b || $0.value == 0x202e })
  }

  @Test func everyDocumentHasItsSchema() async throws {
    let shop = try await Shop.prepared()
    try await run(shop, ["make-key", shop["t.pem"], "--passphrase-file", shop["secret"]])
    for (arguments, schema) in [
      (["rotate", "timestamp"] + shop.signing, "slipway.keys/1"),
      (["resign", "--due"] + shop.signing, "slipway.resign/1"),
      (["prune", "--grace", "1s"] + shop.repository, "slipway.prune/1"),
      (
        ["delegate", "door", "--public-key", shop["t.pem.pub"], "--key", shop["t.pem"]] + shop.signing,
        "slipway.delegate/1"
      ),
      (["undelegate", "door"] + shop.signing, "slipway.undelegate/1"),
      (["rotate", "targets", "--propose", shop["change"]] + shop.signing, "slipway.keys/1"),
      (["sign", shop["change"], "--show"] + shop.repository, "slipway.proposal-review/1"),
      (["sign", shop["change"], "--yes"] + shop.signing, "slipway.sign/1"),
    ] {
      let outcome = try await run(shop, arguments + ["--json"])
      #expect(outcome.json["schema"] as? String == schema)
    }
    #expect(try await Program.release(["verify"] + shop.repository).code == 0)
  }

  @Test func badInputIsToldOnceWithItsRemedy() async throws {
    let shop = try await Shop.prepared()
    try shop.write("{", "broken")
    try await run(
      shop, ["resign", "--role", "root", "--propose", shop["change"]] + one(shop, "root/root-1.pem"))
    let before = try shop.metadata()
    for (arguments, code, name) in [
      (["sign", shop["none"], "--yes"] + shop.signing, 65, "invalidInput"),
      (["sign", shop["broken"], "--yes"] + shop.signing, 65, "invalidInput"),
      (["sign", shop["change"], "--yes"] + shop.repository, 65, "keyMissing"),
      (["sign", shop["change"], "--yes"] + one(shop, "targets/targets-1.pem"), 65, "foreignKey"),
      (["add-key", "root", "--public-key", shop["none"]] + shop.signing, 65, "keyMissing"),
      (["add-key", "root", "--public-key", shop["secret"]] + shop.signing, 65, nil),
      (["add-key", "nobody", "--public-key", shop["none"]] + shop.signing, 65, "keyMissing"),
      (["remove-key", "root", "00000000"] + shop.signing, 65, "invalidInput"),
      (["rotate", "nobody"] + shop.signing, 65, "invalidInput"),
      (["rotate", "targets"] + one(shop, "root/root-1.pem"), 65, "keyMissing"),
      (["rotate", "targets", "--threshold", "2"] + shop.signing, 65, "conflict"),
      (["make-key", shop["secret"], "--passphrase-file", shop["secret"]], 65, "exists"),
      (["undelegate", "nobody"] + shop.signing, 65, "conflict"),
      (["prune", "--proposal", shop["none"]] + shop.repository, 65, "invalidInput"),
    ] as [([String], Int32, String?)] {
      let outcome = try await Program.release(arguments + ["--json"])
      #expect(outcome.code == code, "\(arguments.prefix(3)): \(outcome.error)")
      if let name { #expect(outcome.json["error"] as? String == name, "\(outcome.error)") }
      #expect(outcome.json["remedy"] is String)
      #expect(outcome.error.hasPrefix("ERROR: "))
    }
    #expect(try shop.metadata() == before)
  }

  @Test(arguments: [
    ["sign", "p", "--json", "--repository", "r"], ["sign"], ["add-key", "root", "--repository", "r"],
    ["remove-key", "root", "--repository", "r"], ["prune", "--grace", "soon", "--repository", "r"],
    ["prune", "--grace", "-1h", "--repository", "r"], ["status", "-1h", "--repository", "r"],
    ["status", "--ahead", "x", "--repository", "r"], ["resign", "--repository", "r", "--signer", "no-command"],
  ])
  func wrongUsageIs64(_ arguments: [String]) async throws {
    #expect(try await Program.release(arguments).code == 64)
  }

  @Test func withoutATerminalNothingIsSignedUnasked() async throws {
    let shop = try await Shop.prepared()
    try await run(
      shop, ["resign", "--role", "root", "--propose", shop["change"]] + one(shop, "root/root-1.pem"))
    let file = try shop.bytes("change")
    let outcome = try await Program.release(["sign", shop["change"]] + one(shop, "root/root-2.pem"))
    #expect(outcome.code == 64)
    #expect(try shop.bytes("change") == file)
  }

  @discardableResult
  private func run(_ shop: Shop, _ arguments: [String]) async throws -> Program.Outcome {
    let outcome = try await Program.release(arguments)
    #expect(outcome.code == 0, "\(arguments.prefix(2)): \(outcome.error)")
    return outcome
  }

  private func one(_ shop: Shop, _ key: String) -> [String] {
    shop.repository + ["--key", shop["keys/\(key)"], "--passphrase-file", shop["secret"]]
  }
}
