import Cryptography

@testable import TUF

extension Attack {
  static let signatures = [
    Attack(.arbitraryInstallation, "timestamp signed by a wrong key", .signature, "timestamp") {
      try $0.forge("timestamp.json", keys: [PrivateKey.generate()]) { $0["version"] = .integer(9) }
    },
    Attack(.keyidConfusion, "timestamp with a wrong key's signature under the right key id", .signature, "timestamp") {
      var envelope = try Envelope(parsing: $0.files["timestamp.json"] ?? [])
      let forged = try Fixture.signature(PrivateKey.generate(), over: envelope.signed)
      envelope = Envelope(
        signed: envelope.signed, signatures: [.init(keyid: envelope.signatures[0].keyid, hex: forged.hex)])
      $0.files["timestamp.json"] = envelope.fileText()
    },
    Attack(.arbitraryInstallation, "timestamp changed after signing", .signature, "timestamp") {
      let envelope = try Envelope(parsing: $0.files["timestamp.json"] ?? [])
      var signed = envelope.signed
      signed["version"] = .integer(9)
      $0.files["timestamp.json"] = Envelope(signed: signed, signatures: envelope.signatures).fileText()
    },
    Attack(.arbitraryInstallation, "snapshot without signatures", .signature, "snapshot") {
      try $0.relist()
      try $0.forge("3.snapshot.json", keys: []) { _ in }
    },
    Attack(.arbitraryInstallation, "targets signed by the snapshot key", .signature, "targets") {
      try $0.forgeListed("3.targets.json", keys: [$0.onlineKey]) { _ in }
    },
    Attack(.arbitraryInstallation, "delegated role signed by the key that delegates", .signature, "agent") {
      try $0.forgeListed("3.agent.json", keys: [$0.targetsKey]) { _ in }
    },
    Attack(.thresholdConfusion, "root one signature short", .signature, "root") {
      try $0.forge("3.root.json", keys: [$0.rootKeys[0]]) { _ in }
    },
    Attack(.thresholdConfusion, "root signed twice by one key", .malformed, "root") {
      try $0.forge("3.root.json", keys: [$0.rootKeys[0], $0.rootKeys[0]]) { _ in }
    },
    Attack(.arbitraryInstallation, "root with new keys that the old root's did not sign", .signature, "root") {
      let key = try PrivateKey.generate()
      let json = try Key(key.publicKey)
      try $0.forge("3.root.json", keys: [key]) {
        $0["keys"]?[json.keyid] = json.json
        $0["roles"]?["root"] = .object(["keyids": .array([.string(json.keyid)]), "threshold": .integer(1)])
      }
    },
    Attack(.arbitraryInstallation, "root with new keys that did not sign it themselves", .signature, "root") {
      let json = try Key(PrivateKey.generate().publicKey)
      try $0.forge("3.root.json", keys: $0.rootKeys) {
        $0["keys"]?[json.keyid] = json.json
        $0["roles"]?["root"] = .object(["keyids": .array([.string(json.keyid)]), "threshold": .integer(1)])
      }
    },
    Attack(.keyidConfusion, "one key under two key ids does not make two", .signature, "targets") {
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
    Attack(.keyidConfusion, "a key listed under an id that is not its own never counts", .signature, "targets") {
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
    Attack(.thresholdConfusion, "threshold 0 in root", .malformed, "root") {
      try $0.forge("3.root.json", keys: $0.rootKeys) { $0["roles"]?["timestamp"]?["threshold"] = .integer(0) }
    },
    Attack(.thresholdConfusion, "threshold 0 in a delegation", .malformed, "targets") {
      try $0.forgeListed("3.targets.json", keys: [$0.targetsKey]) { signed in
        guard var roles = signed["delegations"]?["roles"]?.array else { return }
        roles[0]["threshold"] = .integer(0)
        signed["delegations"]?["roles"] = .array(roles)
      }
    },
    Attack(.keyidConfusion, "a key id listed twice in a role", .malformed, "root") {
      try $0.forge("3.root.json", keys: $0.rootKeys) {
        guard let keyids = $0["roles"]?["targets"]?["keyids"]?.array else { return }
        $0["roles"]?["targets"]?["keyids"] = .array(keyids + keyids)
      }
    },
  ]
}
