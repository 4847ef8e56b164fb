import Cryptography

@testable import TUF

extension Attack {
  static let mixes = [
    Attack(.mixAndMatch, "a snapshot of another moment", .lengthOrHash, "snapshot") {
      // Same version, properly signed, but not the one that the timestamp was made for.
      try $0.forge("3.snapshot.json", keys: [$0.onlineKey]) {
        $0["meta"]?["agent-rollout.json"]?["version"] = .integer(7)
      }
    },
    Attack(.mixAndMatch, "targets of another moment", .lengthOrHash, "targets") {
      try $0.forge("3.targets.json", keys: [$0.targetsKey]) { $0["x"] = .integer(1) }
    },
    Attack(.mixAndMatch, "a delegated role of another moment", .lengthOrHash, "agent") {
      try $0.forge("3.agent.json", keys: [$0.agentKey]) { $0["x"] = .integer(1) }
    },
    Attack(.mixAndMatch, "a white space more than what was hashed", .lengthOrHash, "snapshot") {
      $0.files["3.snapshot.json"]?.append(0x20)
    },
    Attack(.wrongInstallation, "snapshot served as timestamp", .wrongType, "timestamp") {
      $0.files["timestamp.json"] = $0.files["3.snapshot.json"]
    },
    Attack(.wrongInstallation, "top-level targets served as a delegated role", .signature, "agent") {
      try $0.relist()
      $0.files["3.agent.json"] = $0.files["3.targets.json"]
    },
    Attack(.extraneousDependencies, "a delegated role that the snapshot does not list", .unknownRole, "ghost") {
      let key = try Key($0.agentKey.publicKey)
      try $0.forgeListed("3.targets.json", keys: [$0.targetsKey]) { signed in
        let role = JSONValue.object([
          "name": .string("ghost"), "keyids": .array([.string(key.keyid)]), "threshold": .integer(1),
          "terminating": .bool(true), "paths": .array([.string("products/*/*/*/*")]),
        ])
        signed["delegations"]?["roles"] = .array([role])
      }
    },
    Attack(.indefiniteFreeze, "snapshot withheld", .missing, "snapshot") { $0.files["3.snapshot.json"] = nil },
    Attack(.indefiniteFreeze, "targets withheld", .missing, "targets") { $0.files["3.targets.json"] = nil },
    Attack(.indefiniteFreeze, "timestamp withheld", .missing, "timestamp") { $0.files["timestamp.json"] = nil },
  ]

  static let sizes = [
    Attack(.endlessData, "endless timestamp", .tooLong, "timestamp") {
      $0.files["timestamp.json"] = [UInt8](repeating: 0x20, count: 16_385)
    },
    Attack(.endlessData, "endless root", .tooLong, "root") {
      $0.files["3.root.json"] = [UInt8](repeating: 0x20, count: 512_001)
    },
    Attack(.endlessData, "endless snapshot of a listed length", .lengthOrHash, "snapshot") {
      $0.files["3.snapshot.json"] = [UInt8](repeating: 0x20, count: 10_000_000)
    },
    Attack(.endlessData, "endless snapshot of no listed length", .tooLong, "snapshot") {
      try $0.relist()
      $0.files["3.snapshot.json"] = [UInt8](repeating: 0x20, count: 2_000_001)
    },
    Attack(.endlessData, "endless targets", .tooLong, "targets") {
      try $0.relist()
      $0.files["3.targets.json"] = [UInt8](repeating: 0x20, count: 5_000_001)
    },
    Attack(.deepNesting, "deeply nested timestamp", .malformed, "timestamp") {
      $0.files["timestamp.json"] = [UInt8](repeating: UInt8(ascii: "["), count: 16_000)
    },
  ]

  static let shapes = [
    Attack(.duplicateKeys, "a signed object with a duplicate key", .malformed, "timestamp") {
      let text = String(decoding: $0.files["timestamp.json"] ?? [], as: UTF8.self)
      $0.files["timestamp.json"] = Array(("{\"signed\": {}," + text.dropFirst()).utf8)
    },
    Attack(.mixAndMatch, "specification version 2", .unsupported, "timestamp") {
      try $0.forge("timestamp.json", keys: [$0.onlineKey]) { $0["spec_version"] = .string("2.0.0") }
    },
    Attack(.rollback, "version 0", .malformed, "timestamp") {
      try $0.forge("timestamp.json", keys: [$0.onlineKey]) { $0["version"] = .integer(0) }
    },
    Attack(.indefiniteFreeze, "an expiry that is no date", .malformed, "timestamp") {
      try $0.forge("timestamp.json", keys: [$0.onlineKey]) { $0["expires"] = .string("2030-02-30T00:00:00Z") }
    },
    Attack(.mixAndMatch, "only hashes that nobody knows", .unsupported, "timestamp") {
      try $0.forge("timestamp.json", keys: [$0.onlineKey]) {
        $0["meta"]?["snapshot.json"]?["hashes"] = .object(["md5": .string("00")])
      }
    },
    Attack(.roleNameTraversal, "a delegated role named like a top-level one", .malformed, "targets") {
      try $0.forgeListed("3.targets.json", keys: [$0.targetsKey]) { signed in
        guard var roles = signed["delegations"]?["roles"]?.array else { return }
        roles[0]["name"] = .string("root")
        signed["delegations"]?["roles"] = .array(roles)
      }
    },
    Attack(.pathConfusion, "a delegation with both kinds of scope", .malformed, "targets") {
      try $0.forgeListed("3.targets.json", keys: [$0.targetsKey]) { signed in
        guard var roles = signed["delegations"]?["roles"]?.array else { return }
        roles[0]["path_hash_prefixes"] = .array([.string("00")])
        signed["delegations"]?["roles"] = .array(roles)
      }
    },
    Attack(.thresholdConfusion, "one role delegated twice", .malformed, "targets") {
      try $0.forgeListed("3.targets.json", keys: [$0.targetsKey]) { signed in
        guard let roles = signed["delegations"]?["roles"]?.array else { return }
        signed["delegations"]?["roles"] = .array(roles + roles)
      }
    },
  ]
}
