/// The roots of a repository as a client follows them.
public enum RootChain {
  /// Follows the roots from `1.root.json` on, each signed by the thresholds of the one before and its own, and returns the
  /// version of the last. Throws what is wrong with the first that is not good.
  public static func verify(_ read: (String) throws -> [UInt8]?) throws -> Int {
    guard let first = try read("1.root.json") else { throw TUFError(.missing, "the repository has no 1.root.json") }
    var root = try Trusted<Root>(initial: first)
    while let next = try read("\(root.version + 1).root.json") { root = try root.successor(next) }
    return root.version
  }
}
