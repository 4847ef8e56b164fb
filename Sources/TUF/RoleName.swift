/// Names of delegated roles are chosen by whoever signs the delegation, and end up in file names and URLs.
enum RoleName {
  /// Throws `malformed` for an empty name or one of the four top-level names, `unsupported` for one too long for a file.
  static func check(_ name: String) throws(TUFError) {
    guard !name.isEmpty, TopLevelRole(rawValue: name) == nil else {
      throw TUFError(.malformed, "a delegated role cannot be named \"\(name)\"")
    }
    guard fileName(name).utf8.count <= 220 else { throw TUFError(.unsupported, "a role name too long for a file name") }
  }

  /// One path component, safe everywhere: the percent-encoded role and ".json".
  static func fileName(_ role: String) -> String { PercentEncoding.component(role) + ".json" }
}
