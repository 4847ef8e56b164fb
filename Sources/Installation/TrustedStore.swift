import Posix
import TUF

/// The TUF metadata that a device trusts, kept twice: a torn file costs neither the root of trust nor what its versions
/// forbid to go back to.
public struct TrustedStore: MetadataStore {
  /// More than any role's file has.
  public static let limit = 16_000_000

  public let files: MirroredFiles
  private let plain: DirectoryStore

  public init(_ layout: Layout) {
    plain = DirectoryStore(path: layout.trustedMetadata.string)
    files = MirroredFiles(layout.trustedMetadata, copies: layout.trustedCopies)
  }

  public func lock() throws -> StoreLock? { try plain.lock() }
  public func removeUnfinished() throws { try plain.removeUnfinished() }

  public func load(_ role: String) throws -> [UInt8]? {
    try Self.name(role).flatMap { files.copy($0, limit: Self.limit) } ?? plain.load(role)
  }

  /// The copy first: a role's copy is never older than its file.
  public func store(_ role: String, _ bytes: [UInt8]) throws {
    if let name = Self.name(role) { try files.writeCopy(bytes, name) }
    try plain.store(role, bytes)
  }

  public func remove(_ role: String) throws {
    try plain.remove(role)
    if let name = Self.name(role), let copies = try? Directory.open(files.copies) {
      try copies.removeTree(name)
      try copies.synchronize()
    }
  }

  /// Whether the root of trust is neither in its file nor in its copy.
  public var hasLostRoot: Bool {
    guard let bytes = (try? load("root")) ?? nil else { return true }
    return (try? TrustedSet(root: bytes)) == nil
  }

  /// Begins anew with a root that an admin has brought; what stands in its place is set aside. The other roles' files stay,
  /// and with them what must not be gone back on.
  public func reinstate(_ root: [UInt8]) throws {
    _ = try TrustedSet(root: root)
    try Directory.open(files.folder).setAside("root.json")
    try store("root", root)
  }

  /// A role's file. Nil for roles that no product has, whose names would have to be encoded: they have no copy.
  private static func name(_ role: String) -> String? {
    let plain = role.utf8.allSatisfy { byte in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        || byte == UInt8(ascii: "-")
    }
    return plain && !role.isEmpty ? "\(role).json" : nil
  }
}
