import Bundles
import Posix
import SystemPackage
import TUF

/// Copies a repository to where readers get it, such as the folder of a web server.
///
/// Targets first, then metadata, timestamp.json last of all, each file by one rename: a reader at any instant sees the
/// old state or the new one. (Where keys were rotated and both sign, a root that only takes the old ones away comes after
/// that, as a publication of its own.) Nothing is deleted that a reader of the old state may still need.
public struct Publication: Sendable {
  public let destination: FilePath
  /// Seconds since 1970: where root, targets, snapshot or timestamp have expired by then, nothing is published.
  public let now: Int64

  public init(to destination: FilePath, now: Int64) {
    self.destination = destination
    self.now = now
  }

  public struct Result: Sendable, Equatable {
    public let files: Int
    /// Bytes copied.
    public let bytes: Int64
    /// Version of the timestamp that readers see now.
    public let version: Int
    /// Delegated roles that have expired: their devices take nothing new from them until they are signed again.
    public let expired: [String]
  }

  /// Errors: conflict (there is another, or a newer, repository), damaged, and `TUFError` where a client would refuse it.
  public func run(repository path: FilePath) async throws -> Result {
    let repository = try Repository.open(path)
    let contents = try Contents(repository)
    let expired = try await contents.checkAsClient(now: now)
    return try repository.locked { try copy(contents, repository, expired) }
  }

  private func copy(_ contents: Contents, _ repository: Repository, _ expired: [String]) throws -> Result {
    let root = try Directory.making(destination, mode: 0o755)
    guard try root.status() != repository.root.status() else {
      throw PublishingError(
        .invalidInput, "\(destination): this is the repository itself", remedy: "name another folder")
    }
    let metadata = try root.makeDirectory("metadata", mode: 0o755)
    let targets = try root.makeDirectory("targets", mode: 0o755)
    let isRootLast = try compare(contents, with: metadata)
    var count = 0
    var bytes: Int64 = 0
    for role in ["targets"] + contents.delegatedRoles {
      for target in try contents.editor.references(of: role) where try copy(target, repository, to: targets) {
        count += 1
        bytes += target.length
      }
    }
    let written = try write(contents, to: metadata, isRootLast: isRootLast)
    return Result(
      files: count + written.files, bytes: bytes + written.bytes,
      version: try contents.editor.header(of: "timestamp")?.version ?? 0, expired: expired)
  }

  /// Writes the metadata, what readers go by last. The targets are there already.
  func write(_ contents: Contents, to metadata: Directory, isRootLast: Bool) throws -> (files: Int, bytes: Int64) {
    var count = 0
    var bytes: Int64 = 0
    for name in Self.order(contents.files.keys, isRootLast: isRootLast) {
      let file = contents.files[name] ?? []
      guard try metadata.read(name, limit: Repository.metadataLimit) != file else { continue }
      try DurableFile.write(file, name, in: metadata)
      count += 1
      bytes += Int64(file.count)
    }
    return (count, bytes)
  }

  /// A newer state, or another repository's, is not overwritten by an old copy of this one.
  ///
  /// Returns whether readers are best served with the roots last: the newest would refuse what is published there now,
  /// and what comes is signed for the old one too.
  func compare(_ contents: Contents, with metadata: Directory) throws -> Bool {
    func there(_ name: String) throws -> [UInt8]? { try metadata.read(name, limit: Repository.metadataLimit) }
    for (name, bytes) in contents.files where name != "timestamp.json" {
      guard let other = try there(name), other != bytes else { continue }
      throw PublishingError(
        .conflict,
        "\(destination)/metadata/\(name): another repository is published here, or one that has gone its own way",
        remedy: "name another folder, or publish from the repository that this came from")
    }
    guard try there("timestamp.json") != nil else { return false }
    let state = try RepositoryEditor(opening: there)
    let published = try state.header(of: "timestamp")?.version ?? 0
    let own = try contents.editor.header(of: "timestamp")?.version ?? 0
    guard published <= own else {
      throw PublishingError(
        .conflict,
        "\(destination) holds timestamp \(published), newer than \(own) in \(contents.files.count) files here",
        remedy: "publish from the newest copy of the repository; devices refuse to go back")
    }
    return try !contents.editor.isRootGood(for: state) && state.isRootGood(for: contents.editor)
  }

  /// False: it was there already.
  private func copy(_ target: TargetReference, _ repository: Repository, to targets: Directory) throws -> Bool {
    let (folder, name) = Repository.place(of: target.name, target.sha256)
    let directory = try targets.makeDirectories(folder)
    if let status = try directory.status(name), status.kind == .file, status.size == target.length { return false }
    try repository.require(target)
    let temporary = ".\(name).new"
    if try directory.status(temporary) != nil { try directory.unlink(temporary) }
    let source = try FileDescriptor.reading(repository.file(of: target))
    defer { try? source.close() }
    try Assembly.copy(source, temporary, to: directory, mode: 0o644)
    let copy = try directory.open(temporary)
    defer { try? copy.close() }
    try copy.synchronize("\(directory.path)/\(temporary)")
    try directory.rename(temporary, to: directory, as: name)
    try directory.synchronize()
    return true
  }

  /// What others refer to first: delegated roles, targets, snapshot, the roots, and at last the timestamp.
  private static func order(_ names: some Sequence<String>, isRootLast: Bool) -> [String] {
    func rank(_ name: String) -> Int {
      if name == "timestamp.json" { return 4 }
      if name.hasSuffix(".root.json") { return isRootLast ? 5 : 3 }
      if name.hasSuffix(".snapshot.json") { return 2 }
      return name.hasSuffix(".targets.json") ? 1 : 0
    }
    func number(_ name: String) -> Int { Int(name.prefix { $0 != "." }) ?? 0 }
    return names.sorted { (rank($0), number($0), $0) < (rank($1), number($1), $1) }
  }
}
