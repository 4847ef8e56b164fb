import Cryptography

@testable import TUF

private let past = JSONValue.string("2025-12-31T00:00:00Z")

extension Attack {
  static let signatures = [
    Attack("timestamp signed by a wrong key", .signature, "timestamp") {
      try $0.forge("timestamp.json", keys: [PrivateKey.generate()]) { $0["version"] = .integer(9) }
    },
    Attack("timestamp with a wrong key's signature under the right key id", .signature, "timestamp") {
      var envelope = try Envelope(parsing: $0.files["timestamp.json"] ?? [])
      let forged = try Fixture.signature(PrivateKey.generate(), over: envelope.signed)
      envelope = Envelope(
        signed: envelope.signed, signatures: [.init(keyid: envelope.signatures[0].keyid, hex: forged.hex)])
      $0.files["timestamp.json"] = envelope.fileText()
    },
    Attack("timestamp changed after signing", .signature, "timestamp") {
      let envelope = try Envelope(parsing: $0.files["timestamp.json"] ?? [])
      var signed = envelope.signed
      signed["version"] = .integer(9)
      $0.files["timestamp.json"] = Envelope(signed: signed, signatures: envelope.signatures).fileText()
    },
    Attack("snapshot without signatures", .signature, "snapshot") {
      try $0.relist()
      try $0.forge("3.snapshot.json", keys: []) { _ in }
    },
    Attack("targets signed by the snapshot key", .signature, "targets") {
      try $0.forgeListed("3.targets.json", keys: [$0.onlineKey]) { _ in }
    },
    Attack("delegated role signed by the key that delegates", .signature, "agent") {
      try $0.forgeListed("3.agent.json", keys: [$0.targetsKey]) { _ in }
    },
    Attack("root one signature short", .signature, "root") {
      try $0.forge("3.root.json", keys: [$0.rootKeys[0]]) { _ in }
    },
    Attack("root signed twice by one key", .malformed, "root") {
      try $0.forge("3.root.json", keys: [$0.rootKeys[0], $0.rootKeys[0]]) { _ in }
    },
    Attack("root with new keys that the old root's did not sign", .signature, "root") {
      let key = try PrivateKey.generate()
      let json = try Key(key.publicKey)
      try $0.forge("3.root.json", keys: [key]) {
        $0["keys"]?[json.keyid] = json.json
        $0["roles"]?["root"] = .object(["keyids": .array([.string(json.keyid)]), "threshold": .integer(1)])
      }
    },
    Attack("root with new keys that did not sign it themselves", .signature, "root") {
      let json = try Key(PrivateKey.generate().publicKey)
      try $0.forge("3.root.json", keys: $0.rootKeys) {
        $0["keys"]?[json.keyid] = json.json
        $0["roles"]?["root"] = .object(["keyids": .array([.string(json.keyid)]), "threshold": .integer(1)])
      }
    },
    Attack("one key under two key ids does not make two", .signature, "targets") {
      // The extra field gives the same key a second, correct key id.
      let targetsKey = $0.targetsKey
      let first = try Key(targetsKey.publicKey)
      var json = first.json
      json["x-alias"] = .bool(true)
      let alias = try sha256(CanonicalJSON.encode(json)).hex
      try $0.forge("3.root.json", keys: $0.rootKeys) {
        $0["keys"]?[alias] = json
        $0["roles"]?["targets"] = .object([
          "keyids": .array([.string(first.keyid), .string(alias)]), "threshold": .integer(2),
        ])
      }
      try $0.relist()
      let signed = try Envelope(parsing: $0.files["3.targets.json"] ?? []).signed
      let signature = try Fixture.signature(targetsKey, over: signed)
      $0.files["3.targets.json"] =
        Envelope(signed: signed, signatures: [signature, .init(keyid: alias, hex: signature.hex)]).fileText()
    },
    Attack("a key listed under an id that is not its own never counts", .signature, "targets") {
      let targetsKey = $0.targetsKey
      let foreign = String(repeating: "ab", count: 32)
      let key = try Key(targetsKey.publicKey)
      try $0.forge("3.root.json", keys: $0.rootKeys) {
        $0["keys"]?[foreign] = key.json
        $0["roles"]?["targets"]?["keyids"] = .array([.string(foreign)])
      }
      try $0.relist()
      let signed = try Envelope(parsing: $0.files["3.targets.json"] ?? []).signed
      let hex = try Fixture.signature(targetsKey, over: signed).hex
      $0.files["3.targets.json"] =
        Envelope(signed: signed, signatures: [.init(keyid: foreign, hex: hex)]).fileText()
    },
    Attack("threshold 0 in root", .malformed, "root") {
      try $0.forge("3.root.json", keys: $0.rootKeys) { $0["roles"]?["timestamp"]?["threshold"] = .integer(0) }
    },
    Attack("threshold 0 in a delegation", .malformed, "targets") {
      try $0.forgeListed("3.targets.json", keys: [$0.targetsKey]) { signed in
        guard var roles = signed["delegations"]?["roles"]?.array else { return }
        roles[0]["threshold"] = .integer(0)
        signed["delegations"]?["roles"] = .array(roles)
      }
    },
    Attack("a key id listed twice in a role", .malformed, "root") {
      try $0.forge("3.root.json", keys: $0.rootKeys) {
        guard let keyids = $0["roles"]?["targets"]?["keyids"]?.array else { return }
        $0["roles"]?["targets"]?["keyids"] = .array(keyids + keyids)
      }
    },
  ]

  static let rollbacks = [
    Attack("root skipping a version", .wrongVersion, "root") {
      try $0.forge("3.root.json", keys: $0.rootKeys) { $0["version"] = .integer(4) }
    },
    Attack("an old root served as the next", .rollback, "root") { $0.files["3.root.json"] = $0.files["2.root.json"] },
    Attack("an old timestamp", .rollback, "timestamp") { $0.files["timestamp.json"] = $0.files["1.timestamp.json"] },
    Attack("a new timestamp naming an old snapshot", .rollback, "timestamp") {
      try $0.forge("timestamp.json", keys: [$0.onlineKey]) {
        $0["meta"] = .object(["snapshot.json": .object(["version": .integer(1)])])
      }
    },
    Attack("an old snapshot served as the new one", .wrongVersion, "snapshot") {
      try $0.relist()
      $0.files["3.snapshot.json"] = $0.files["2.snapshot.json"]
    },
    Attack("snapshot naming an old targets", .rollback, "snapshot") {
      try $0.relist { $0["meta"]?["targets.json"]?["version"] = .integer(1) }
    },
    Attack("snapshot naming an old delegated role", .rollback, "snapshot") {
      try $0.relist { $0["meta"]?["agent.json"]?["version"] = .integer(1) }
    },
    Attack("snapshot without a role that it listed", .rollback, "snapshot") {
      try $0.relist { $0["meta"]?["agent-rollout.json"] = nil }
    },
    Attack("old targets served as the new ones", .wrongVersion, "targets") {
      try $0.relist()
      $0.files["3.targets.json"] = $0.files["2.targets.json"]
    },
    Attack("an old delegated role served as the new one", .wrongVersion, "agent") {
      try $0.relist()
      $0.files["3.agent.json"] = $0.files["2.agent.json"]
    },
  ]

  static let expiry = [
    Attack("root expired", .expired, "root") {
      try $0.forge("3.root.json", keys: $0.rootKeys) { $0["expires"] = past }
    },
    Attack("timestamp expired", .expired, "timestamp") {
      try $0.forge("timestamp.json", keys: [$0.onlineKey]) { $0["expires"] = past }
    },
    Attack("timestamp expiring this second", .expired, "timestamp") {
      try $0.forge("timestamp.json", keys: [$0.onlineKey]) { $0["expires"] = .string("2026-01-01T01:00:00Z") }
    },
    Attack("snapshot expired", .expired, "snapshot") { try $0.relist { $0["expires"] = past } },
    Attack("targets expired", .expired, "targets") {
      try $0.forgeListed("3.targets.json", keys: [$0.targetsKey]) { $0["expires"] = past }
    },
    Attack("delegated role expired", .expired, "agent") {
      try $0.forgeListed("3.agent.json", keys: [$0.agentKey]) { $0["expires"] = past }
    },
  ]
}
