/// One delegation: which role, signed by whom, is trusted for which target paths.
public struct Delegation: Sendable {
  public enum Scope: Sendable, Equatable {
    /// Shell patterns of which at least one must match the path.
    case paths([String])
    /// Prefixes of the hexadecimal SHA-256 of the path.
    case hashPrefixes([String])
    /// The first bits of the SHA-256 of the path.
    case hashBin(number: UInt32, bitLength: Int)
  }

  public let name: String
  public let authority: Authority
  /// Whether the search ends with this role and what it delegates, found or not.
  public let isTerminating: Bool
  public let scope: Scope

  init(name: String, authority: Authority, isTerminating: Bool, scope: Scope) {
    self.name = name
    self.authority = authority
    self.isTerminating = isTerminating
    self.scope = scope
  }

  init(_ fields: Fields, keys: [String: Key]) throws(TUFError) {
    name = try fields.string("name")
    try RoleName.check(name)
    authority = try Authority(fields, keys: keys)
    isTerminating = try fields.bool("terminating")
    switch (fields.json["paths"], fields.json["path_hash_prefixes"]) {
    case (.some, nil): scope = .paths(try fields.strings("paths"))
    case (nil, .some): scope = .hashPrefixes(try fields.strings("path_hash_prefixes"))
    default: throw TUFError(.malformed, "role \(name): exactly one of paths and path_hash_prefixes is needed")
    }
  }

  /// Whether this role is trusted for the target `path`.
  public func covers(_ path: String) -> Bool {
    switch scope {
    case .paths(let patterns): patterns.contains { PathPattern.matches($0, path) }
    case .hashPrefixes(let prefixes):
      PathPattern.hash(path).map { hash in prefixes.contains { hash.utf8.starts(with: $0.utf8) } } ?? false
    case .hashBin(let number, let bitLength): SuccinctRoles.number(of: path, bitLength: bitLength) == number
    }
  }
}
