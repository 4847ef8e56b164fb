import Cryptography

@testable import TUF

private let past = JSONValue.string("2025-12-31T00:00:00Z")

extension Attack {
  static let rollbacks = [
    Attack(.rollback, "root skipping a version", .wrongVersion, "root") {
      try $0.forge("3.root.json", keys: $0.rootKeys) { $0["version"] = .integer(4) }
    },
    Attack(.rollback, "an old root served as the next", .rollback, "root") {
      $0.files["3.root.json"] = $0.files["2.root.json"]
    },
    Attack(.rollback, "an old timestamp", .rollback, "timestamp") {
      $0.files["timestamp.json"] = $0.files["1.timestamp.json"]
    },
    Attack(.rollback, "a new timestamp naming an old snapshot", .rollback, "timestamp") {
      try $0.forge("timestamp.json", keys: [$0.onlineKey]) {
        $0["meta"] = .object(["snapshot.json": .object(["version": .integer(1)])])
      }
    },
    Attack(.rollback, "an old snapshot served as the new one", .wrongVersion, "snapshot") {
      try $0.relist()
      $0.files["3.snapshot.json"] = $0.files["2.snapshot.json"]
    },
    Attack(.rollback, "snapshot naming an old targets", .rollback, "snapshot") {
      try $0.relist { $0["meta"]?["targets.json"]?["version"] = .integer(1) }
    },
    Attack(.rollback, "snapshot naming an old delegated role", .rollback, "snapshot") {
      try $0.relist { $0["meta"]?["agent.json"]?["version"] = .integer(1) }
    },
    Attack(.rollback, "snapshot without a role that it listed", .rollback, "snapshot") {
      try $0.relist { $0["meta"]?["agent-rollout.json"] = nil }
    },
    Attack(.rollback, "old targets served as the new ones", .wrongVersion, "targets") {
      try $0.relist()
      $0.files["3.targets.json"] = $0.files["2.targets.json"]
    },
    Attack(.rollback, "an old delegated role served as the new one", .wrongVersion, "agent") {
      try $0.relist()
      $0.files["3.agent.json"] = $0.files["2.agent.json"]
    },
  ]

  static let expiry = [
    Attack(.indefiniteFreeze, "root expired", .expired, "root") {
      try $0.forge("3.root.json", keys: $0.rootKeys) { $0["expires"] = past }
    },
    Attack(.indefiniteFreeze, "timestamp expired", .expired, "timestamp") {
      try $0.forge("timestamp.json", keys: [$0.onlineKey]) { $0["expires"] = past }
    },
    Attack(.indefiniteFreeze, "timestamp expiring this second", .expired, "timestamp") {
      try $0.forge("timestamp.json", keys: [$0.onlineKey]) { $0["expires"] = .string("2026-01-01T01:00:00Z") }
    },
    Attack(.indefiniteFreeze, "snapshot expired", .expired, "snapshot") { try $0.relist { $0["expires"] = past } },
    Attack(.indefiniteFreeze, "targets expired", .expired, "targets") {
      try $0.forgeListed("3.targets.json", keys: [$0.targetsKey]) { $0["expires"] = past }
    },
    Attack(.indefiniteFreeze, "delegated role expired", .expired, "agent") {
      try $0.forgeListed("3.agent.json", keys: [$0.agentKey]) { $0["expires"] = past }
    },
  ]
}
