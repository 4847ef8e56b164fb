import Cryptography

@testable import TUF

extension Attack {
  /// What no threshold may be: in root, and in a delegation.
  private static let noThresholds: [(String, JSONValue)] = [
    ("-1", .integer(-1)), ("the least integer", .integer(.min)), ("null", .null), ("a string", .string("1")),
    ("true", .bool(true)), ("an array", .array([.integer(1)])),
  ]

  static let thresholds =
    noThresholds.map { name, value in
      Attack(.thresholdConfusion, "threshold \(name) in root", .malformed, "root") {
        try $0.change("root") { $0["roles"]?["timestamp"]?["threshold"] = value }
      }
    }
    + noThresholds.map { name, value in
      Attack(.thresholdConfusion, "threshold \(name) in a delegation", .malformed, "targets") {
        try $0.forgeDelegation { $0["threshold"] = value }
      }.with { $0.twin = { try $0.forgeDelegation { $0["threshold"] = .integer(1) } } }
    } + [
      Attack(.thresholdConfusion, "a delegation without threshold", .malformed, "targets") {
        try $0.forgeDelegation { $0["threshold"] = nil }
      },
      Attack(.thresholdConfusion, "more keys needed than there are", .signature, "agent") {
        try $0.forgeDelegation { $0["threshold"] = .integer(2) }
      },
      Attack(.thresholdConfusion, "a role without keys", .signature, "agent") {
        try $0.forgeDelegation { $0["keyids"] = .array([]) }
      },
      Attack(.thresholdConfusion, "the highest threshold there is", .signature, "agent") {
        try $0.forgeDelegation { $0["threshold"] = .integer(.max) }
      },
    ]

  static let keyids = [
    Attack(.keyidConfusion, "a key under the key id of another", .signature, "agent") {
      try $0.swapKeys(to: PrivateKey.generate().publicKey)
    }.with { $0.twin = { try $0.swapKeys(to: $0.agentKey.publicKey) } },
    Attack(.keyidConfusion, "a key id in capital letters", .signature, "agent") {
      try $0.renameKey { $0.uppercased() }
    }.with { $0.twin = { try $0.renameKey { $0 } } },
    Attack(.keyidConfusion, "a key id cut short", .signature, "agent") {
      try $0.renameKey { String($0.prefix(63)) }
    }.with { $0.twin = { try $0.renameKey { $0 } } },
    Attack(.keyidConfusion, "an empty key id", .signature, "agent") {
      try $0.renameKey { _ in "" }
    }.with { $0.twin = { try $0.renameKey { $0 } } },
    Attack(.keyidConfusion, "a key id that the delegation does not list", .signature, "agent") {
      try $0.forgeDelegation { $0["keyids"] = .array([.string(String(repeating: "00", count: 32))]) }
    },
    Attack(.keyidConfusion, "a key id that is a number", .malformed, "targets") {
      try $0.forgeDelegation { $0["keyids"] = .array([.integer(1)]) }
    },
    Attack(.keyidConfusion, "a key of another scheme than its type", .signature, "agent") {
      try $0.changeKey { $0["scheme"] = .string("ecdsa-sha2-nistp256") }
    }.with { $0.twin = { try $0.changeKey { $0["x-note"] = .string("signed with the rest") } } },
    Attack(.keyidConfusion, "a scheme that nobody knows counts for nothing", .signature, "agent") {
      try $0.changeKey { $0["scheme"] = .string("none") }
    }.with { $0.twin = { try $0.changeKey { _ in } } },
    Attack(.keyidConfusion, "a key cut short", .signature, "agent") {
      try $0.changeKey { $0["keyval"]?["public"] = .string("00") }
    }.with { $0.twin = { try $0.changeKey { _ in } } },
    Attack(.keyidConfusion, "a key without value", .malformed, "targets") {
      try $0.changeKey { $0["keyval"] = nil }
    }.with { $0.twin = { try $0.changeKey { _ in } } },
  ]
}

extension Fixture {
  /// Lists `key` under agent's key id.
  fileprivate mutating func swapKeys(to key: PublicKey) throws {
    let keyid = try Key(agentKey.publicKey).keyid
    let json = try Key(key).json
    try forgeListed("3.targets.json", keys: [targetsKey]) { $0["delegations"]?["keys"]?[keyid] = json }
  }

  /// Lists agent's key, and its signature, under another id.
  fileprivate mutating func renameKey(_ rename: (String) -> String) throws {
    let key = try Key(agentKey.publicKey)
    let keyid = rename(key.keyid)
    try forge("3.targets.json", keys: [targetsKey]) {
      $0["delegations"]?["keys"]?[keyid] = key.json
      guard var roles = $0["delegations"]?["roles"]?.array else { return }
      roles[0]["keyids"] = .array([.string(keyid)])
      $0["delegations"]?["roles"] = .array(roles)
    }
    try sign(keyid)
  }

  /// Lists agent's key with a change, under the id that is right for what it then is.
  fileprivate mutating func changeKey(_ change: (inout JSONValue) -> Void) throws {
    var json = try Key(agentKey.publicKey).json
    change(&json)
    let keyid = try sha256(CanonicalJSON.encode(json)).hex
    try forge("3.targets.json", keys: [targetsKey]) {
      $0["delegations"]?["keys"]?[keyid] = json
      guard var roles = $0["delegations"]?["roles"]?.array else { return }
      roles[0]["keyids"] = .array([.string(keyid)])
      $0["delegations"]?["roles"] = .array(roles)
    }
    try sign(keyid)
  }

  private mutating func sign(_ keyid: String) throws {
    let signed = try Envelope(parsing: files["3.agent.json"] ?? []).signed
    let hex = try Self.signature(agentKey, over: signed).hex
    files["3.agent.json"] = Envelope(signed: signed, signatures: [.init(keyid: keyid, hex: hex)]).fileText()
    try relist()
  }
}
