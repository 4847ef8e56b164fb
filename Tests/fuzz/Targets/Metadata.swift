import Cryptography

@testable import TUF

extension FuzzTarget {
  static let metadata = [
    json,
    role("root", Root.self) { root throws(Finding) in
      for role in TopLevelRole.allCases {
        let authority = try mustSucceed("authority of \(role)") { try root.authority(of: role) }
        try check(authority)
      }
    },
    role("timestamp", Timestamp.self) { timestamp throws(Finding) in
      try require(timestamp.snapshot.version >= 1, "snapshot version \(timestamp.snapshot.version)")
    },
    role("snapshot", Snapshot.self) { snapshot throws(Finding) in
      for (name, meta) in snapshot.meta { try require(meta.version >= 1, "\(name) has version \(meta.version)") }
      _ = try mustSucceed("targets.json") { try snapshot.meta(of: "targets") }
    },
    role("targets", Targets.self) { targets throws(Finding) in
      for (path, file) in targets.files {
        try require(file.length >= 0 && !file.hashes.isEmpty, "\(path): \(file)")
        try require(targets.file(path) == file, "\(path) is not found again")
      }
      for role in targets.delegations?.roles ?? [] {
        try check(role.authority)
        try require(!RoleName.fileName(role.name).utf8.contains(UInt8(ascii: "/")), "file name of \(role.name)")
        for path in targets.files.keys.prefix(8) { try checkScope(role, path) }
      }
    },
  ]

  /// Strict JSON: what is read is written and read again without loss, and so is its canonical form.
  private static let json = FuzzTarget(
    "json", maximumLength: 4096, canonical: { (try? JSONValue(parsing: $0)).map { CanonicalJSON.encode($0) } }
  ) { (bytes) throws(Finding) in
    guard let value = try? JSONValue(parsing: bytes) else { return false }
    try checkText(value)
    return true
  }

  /// A file of one role: envelope and role, then the verification of its own signatures, which may fail but not trap.
  private static func role<Role: RoleMetadata>(
    _ name: String, _: Role.Type, _ check: @escaping @Sendable (Role) throws(Finding) -> Void
  ) -> FuzzTarget {
    FuzzTarget(name, canonical: { try? Envelope(parsing: $0).signedBytes }) { (bytes) throws(Finding) in
      guard let envelope = try? Envelope(parsing: bytes) else { return false }
      _ = try? TrustedSet(root: bytes)
      guard let role = try? Role(envelope.signed) else { return false }
      try checkText(envelope.signed)
      try require(role.version >= 1, "version \(role.version)")
      let again = try mustSucceed("written and read again") { () throws in
        try Envelope(parsing: envelope.fileText())
      }
      try require(again.signedBytes == envelope.signedBytes, "canonical JSON differs after writing and reading")
      let copy = try mustSucceed("interpreted again") { () throws in try Role(again.signed) }
      try require(copy.header == role.header, "the header differs after writing and reading")
      if let date = ISO8601.format(role.expires) {
        try require(ISO8601.parse(date) == role.expires, "\(date) is not \(role.expires)")
      } else {
        throw Finding("an expiry that has no text: \(role.expires)")
      }
      try check(role)
      return true
    }
  }

  private static func checkText(_ value: JSONValue) throws(Finding) {
    let canonical = CanonicalJSON.encode(value)
    let again = try mustSucceed("written and read again") { () throws in try JSONValue(parsing: value.fileText()) }
    try require(CanonicalJSON.encode(again) == canonical, "differs after writing and reading")
    // Canonical JSON leaves control characters as they are, which JSON does not allow.
    guard !canonical.contains(where: { $0 < 0x20 }) else { return }
    let read = try mustSucceed("canonical JSON read") { () throws in try JSONValue(parsing: canonical) }
    try require(CanonicalJSON.encode(read) == canonical, "canonical JSON of canonical JSON differs")
  }

  private static func check(_ authority: Authority) throws(Finding) {
    try require(authority.threshold >= 1, "threshold \(authority.threshold)")
    try require(authority.keys.keys.allSatisfy { authority.keyids.contains($0) }, "a key that is not listed")
  }

  private static func checkScope(_ role: Delegation, _ path: String) throws(Finding) {
    let covers = role.covers(path)
    guard case .paths(let patterns) = role.scope else { return }
    let slow = patterns.contains { pattern in
      let (pattern, path) = (parts(pattern), parts(path))
      return pattern.count == path.count && zip(pattern, path).allSatisfy { matches($0, $1) }
    }
    try require(covers == slow, "\(patterns) and \(path): \(covers)")
  }

  private static func parts(_ text: String) -> [[Unicode.Scalar]] {
    text.unicodeScalars.split(separator: "/", omittingEmptySubsequences: false).map { Array($0) }
  }

  /// PATHPATTERN within one component, the plain way: which places of the text the pattern so far can have reached.
  private static func matches(_ pattern: [Unicode.Scalar], _ text: [Unicode.Scalar]) -> Bool {
    var reached: Set<Int> = [0]
    for symbol in pattern {
      if symbol == "*" {
        if let first = reached.min() { reached = Set(first...text.count) }
      } else {
        reached = Set(reached.filter { $0 < text.count && (symbol == "?" || text[$0] == symbol) }.map { $0 + 1 })
      }
    }
    return reached.contains(text.count)
  }
}
