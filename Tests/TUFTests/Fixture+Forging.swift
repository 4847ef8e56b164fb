import Cryptography

@testable import TUF

extension Fixture {
  /// Publishes a further version of every role.
  mutating func next() throws {
    for role in ["root", "targets", "agent"] { try editor.renew(role, expires: newYear + 401 * day) }
    try publish(at: newYear + 60)
  }

  /// Forges a targets file and makes snapshot and timestamp, honestly signed, agree with it.
  mutating func forgeListed(_ name: String, keys: [PrivateKey], _ change: (inout JSONValue) throws -> Void) throws {
    try forge(name, keys: keys, change)
    try relist()
  }

  /// Drops lengths and hashes, so that what is tested is not hidden by them.
  mutating func relist(_ change: (inout JSONValue) throws -> Void = { _ in }) throws {
    let version = try editor.header(of: "snapshot")?.version ?? 0
    try forge("\(version).snapshot.json", keys: [onlineKey]) { signed in
      for name in signed["meta"]?.object?.keys.map({ $0 }) ?? [] {
        signed["meta"]?[name]?["hashes"] = nil
        signed["meta"]?[name]?["length"] = nil
      }
      try change(&signed)
    }
    try forge("timestamp.json", keys: [onlineKey]) { signed in
      signed["meta"]?["snapshot.json"]?["hashes"] = nil
      signed["meta"]?["snapshot.json"]?["length"] = nil
    }
  }

  /// Changes the first delegation of top-level targets, which is the one to "agent".
  mutating func forgeDelegation(_ change: (inout JSONValue) throws -> Void) throws {
    try forgeListed("3.targets.json", keys: [targetsKey]) { signed in
      guard var roles = signed["delegations"]?["roles"]?.array else { return }
      try change(&roles[0])
      signed["delegations"]?["roles"] = .array(roles)
    }
  }

  /// Changes the third version of `role`, signed by its own keys, and what lists it.
  mutating func change(_ role: String, _ change: (inout JSONValue) throws -> Void) throws {
    switch role {
    case "root": try forge("3.root.json", keys: rootKeys, change)
    case "timestamp": try forge("timestamp.json", keys: [onlineKey], change)
    case "snapshot": try relist(change)
    case "targets": try forgeListed("3.targets.json", keys: [targetsKey], change)
    default: try forgeListed("3.\(role).json", keys: [role == "agent" ? agentKey : onlineKey], change)
    }
  }

  /// The file that `change` changes.
  static func fileName(_ role: String) -> String { role == "timestamp" ? "timestamp.json" : "3.\(role).json" }
}
