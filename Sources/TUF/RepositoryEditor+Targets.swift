import Cryptography

extension RepositoryEditor {
  /// Adds or replaces the target `path` of `role`; `length` in bytes. A delegated role must be trusted for the path.
  public mutating func setTarget(
    _ path: String, length: Int, sha256: SHA256Digest, custom: JSONValue? = nil, in role: String = "targets"
  ) throws(TUFError) {
    try Self.checkPath(path)
    guard length >= 0 else { throw TUFError(.edit, role: role, "\(path): a length below zero") }
    if role != "targets" {
      let delegations = try delegations(to: role)
      guard delegations.contains(where: { $0.covers(path) }) else {
        throw TUFError(.edit, role: role, "it is not trusted for \(path)")
      }
    }
    var entry: [String: JSONValue] = [
      "length": .integer(Int64(length)), "hashes": .object(["sha256": .string(sha256.hex)]),
    ]
    entry["custom"] = custom
    let file = JSONValue.object(entry)
    try edit(role) { (signed) in signed["targets"]?[path] = file }
  }

  /// Removes the target `path` from `role`, if it is there.
  public mutating func removeTarget(_ path: String, in role: String = "targets") throws(TUFError) {
    try edit(role) { (signed) in signed["targets"]?[path] = nil }
  }

  /// Relative, without empty, "." or ".." components, without control characters.
  private static func checkPath(_ path: String) throws(TUFError) {
    let components = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    let isGood =
      components.allSatisfy { !$0.isEmpty && !$0.elementsEqual(".".utf8) && !$0.elementsEqual("..".utf8) }
      && path.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    guard isGood else { throw TUFError(.edit, "\"\(path)\" is not a usable target path") }
  }
}
