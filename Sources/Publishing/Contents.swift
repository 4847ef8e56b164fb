import Posix
import Product
import TUF

/// One consistent state of a repository's metadata, byte for byte: everything that its timestamp leads to.
struct Contents {
  /// By file name.
  let files: [String: [UInt8]]
  let editor: RepositoryEditor

  /// Reads the timestamp once and only immutable files after it, so no lock is needed. Errors: those of `TUFError`.
  init(_ repository: Repository) throws {
    var files: [String: [UInt8]] = [:]
    editor = try repository.editor { files[$0] = $1 }
    self.files = files
  }

  /// What a repository's files by name say. Errors: those of `TUFError`.
  init(_ all: [String: [UInt8]]) throws {
    var files: [String: [UInt8]] = [:]
    editor = try RepositoryEditor { name in
      files[name] = all[name]
      return all[name]
    }
    self.files = files
  }

  /// The highest version of root.
  func newestRoot() throws -> [UInt8] { files["\(try editor.root().version).root.json"] ?? [] }

  /// What a device of one product needs: all roots, and the roles on the way to the product.
  func files(for product: ProductID) throws -> [String: [UInt8]] {
    let others = Set(editor.roles).subtracting(TopLevelRole.allCases.map(\.rawValue))
      .subtracting([product.role, product.rolloutRole])
    let names = Set(try others.map { "\(try editor.header(of: $0)?.version ?? 0).\($0).json" })
    return files.filter { !names.contains($0.key) }
  }

  /// Runs the client workflow over it, from the first root on, and loads every delegated role; `now` in seconds since 1970.
  ///
  /// - Returns: the delegated roles that have expired. Nothing new is taken from them, and whoever needs others does
  ///   without: one team's role must not keep every other product's devices from theirs.
  func checkAsClient(now: Int64) async throws -> [String] {
    let expired = try delegatedRoles.filter { try editor.header(of: $0).map { $0.expires <= now } ?? false }
    let (source, root) = (MemorySource(files: files), files["1.root.json"] ?? [])
    let others = delegatedRoles.filter { !expired.contains($0) }
    try await Self.check(source, root: root, now: now, roles: others)
    if !expired.isEmpty { try await Self.check(source, root: root, now: 0, roles: expired) }
    return expired
  }

  /// Paths in a repository of these files, and of what else the snapshot lists.
  func metadataPaths() throws -> Set<String> {
    var names = Set(files.keys.map { "metadata/\($0)" })
    for (file, meta) in try editor.snapshotMeta() { names.insert("metadata/\(meta).\(file)") }
    return names
  }

  var delegatedRoles: [String] { editor.roles.filter { TopLevelRole(rawValue: $0) == nil } }

  static func check(_ source: some MetadataSource, root: [UInt8], now: Int64, roles: [String]) async throws {
    let store = MemoryStore()
    try Client.initialize(store, root: root)
    var client = Client(source: source, store: store, now: now)
    try await client.refresh()
    for role in roles { _ = try await client.targets(signedBy: role) }
  }
}

/// Metadata in memory as a client's source.
struct MemorySource: MetadataSource {
  let files: [String: [UInt8]]

  func metadata(named name: String, maximumLength: Int) async throws -> [UInt8]? {
    guard let bytes = files[name] else { return nil }
    guard bytes.count <= maximumLength else { throw TUFError(.tooLong, "\(name): more than \(maximumLength) bytes") }
    return bytes
  }
}
