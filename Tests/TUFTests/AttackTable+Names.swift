import Cryptography

@testable import TUF

extension Attack {
  /// Paths that look as if agent were trusted for them, which it signs; the twin asks for one that it is trusted for.
  static let paths =
    [
      ("a separator under the wildcard", "products/agent/releases/1.0.0/deep/linux.tar.zst"),
      ("dots that lead elsewhere", "products/agent/releases/../../other/policy.json"),
      ("a separator too many", "products/agent/releases//1.0.0/linux"),
      ("a separator in front", "/products/agent/releases/1.0.0/linux"),
      ("a separator behind", "products/agent/policy.json/"), ("capitals", "products/agent/POLICY.json"),
      ("percent-encoded", "products%2Fagent%2Fpolicy.json"), ("a zero behind", "products/agent/policy.json\0"),
      ("an empty path", ""), ("a pattern as path", "products/*/policy.json"),
    ].map { name, path in
      Attack(.pathConfusion, name, .absent) { fixture in try fixture.sign(path, in: "agent") }
        .with { $0.path = path }.with { $0.twin = { try $0.sign(Fixture.path, in: "agent") } }
    } + [
      // Two spellings of one text are two paths.
      Attack(.pathConfusion, "composed asked for, decomposed signed", .absent) {
        try $0.sign("products/agent/releases/1/e\u{301}", in: "agent")
      }.with {
        $0.path = "products/agent/releases/1/\u{e9}"
        $0.twinPath = $0.path
        $0.twin = { try $0.sign("products/agent/releases/1/\u{e9}", in: "agent") }
      },
      Attack(.pathConfusion, "a bin that the path is not in", .absent) {
        try $0.moveToBins(away: true)
      }.with { $0.twin = { try $0.moveToBins(away: false) } },
    ]

  /// Names that would hide a role behind another, or leave the folder; names that need no more than encoding are in
  /// DelegationTests.
  static let names = [
    ("root", TUFError.Code.malformed), ("timestamp", .malformed), ("snapshot", .malformed), ("targets", .malformed),
    ("", .malformed), (String(repeating: "a", count: 300), .unsupported),
    (String(repeating: "../", count: 60), .unsupported),
  ].map { name, code in
    Attack(.roleNameTraversal, "a role called \"\(name.prefix(12))\"", code, "targets") { fixture in
      try fixture.forgeDelegation { $0["name"] = .string(name) }
    }.with { $0.twin = { try $0.forgeDelegation { $0["name"] = .string("agent") } } }
  }

  private static let foreign = "products/other/releases/1.0.0/linux.tar.zst"

  static let products = [
    Attack(.productConfusion, "one product's role signs another's target", .absent) {
      try $0.sign(foreign, in: "agent")
    }.with { $0.path = foreign }.with { $0.twin = { try $0.sign(Fixture.path, in: "agent") } },
    Attack(.productConfusion, "the rollout role signs a release", .absent) {
      try $0.change("agent") { $0["targets"] = .object([:]) }
      try $0.sign(Fixture.path, in: "agent-rollout")
    },
    Attack(.productConfusion, "the rollout role's file served as the product's", .signature, "agent") {
      try $0.relist()
      $0.files["3.agent.json"] = $0.files["1.agent-rollout.json"]
    },
    Attack(.extraneousDependencies, "a product asks for a library elsewhere", .absent) {
      try $0.sign("lib/evil.so", in: "agent")
    }.with { $0.path = "lib/evil.so" }.with { $0.twin = { try $0.sign(Fixture.path, in: "agent") } },
    Attack(.extraneousDependencies, "a target added without the key", .signature, "agent") {
      try $0.forgeListed("3.agent.json", keys: [$0.onlineKey]) {
        let file = $0["targets"]?[Fixture.path]
        $0["targets"]?["products/agent/releases/1.0.0/evil.so"] = file
      }
    }.with { $0.twin = { try $0.sign("products/agent/releases/1.0.0/good.so", in: "agent") } },
    Attack(.extraneousDependencies, "a delegation added without the key", .signature, "targets") {
      try $0.forgeListed("3.targets.json", keys: [$0.agentKey]) { signed in
        guard var roles = signed["delegations"]?["roles"]?.array else { return }
        roles[0]["paths"] = .array([.string("*"), .string("*/*")])
        signed["delegations"]?["roles"] = .array(roles)
      }
    },
  ]
}

extension Fixture {
  /// The same file under another path, signed by `role`.
  fileprivate mutating func sign(_ path: String, in role: String) throws {
    let file = try Envelope(parsing: files["3.agent.json"] ?? []).signed["targets"]?[Self.path]
    let other = try Envelope(parsing: files["2.agent.json"] ?? []).signed["targets"]?[Self.path]
    let name = role == "agent" ? "3.agent.json" : "1.agent-rollout.json"
    try forgeListed(name, keys: [role == "agent" ? agentKey : onlineKey]) { $0["targets"]?[path] = file ?? other }
  }

  /// Delegates to agent by the prefix of the target's hash, or by all others.
  fileprivate mutating func moveToBins(away: Bool) throws {
    let own = try String(sha256(Array(Self.path.utf8)).hex.prefix(1))
    let prefixes = away ? "0123456789abcdef".map(String.init).filter { $0 != own } : [own]
    try forgeDelegation {
      $0["paths"] = nil
      $0["path_hash_prefixes"] = .array(prefixes.map { .string($0) })
    }
  }
}
