import Posix
import SystemPackage
import TUF

/// Removes what nothing that is published names any more: targets, and metadata but for roots, which are kept for ever.
///
/// A client that has just read the old timestamp goes on to ask for what that leads to. So a file is removed only when it
/// was found unreferenced by an earlier run, at least the grace period ago; the first run only notes it.
public struct Pruning: Sendable {
  /// Seconds.
  public let grace: Int64
  /// Proposals whose targets are kept.
  public let proposals: [FilePath]
  /// Only say what would be removed; nothing is noted either.
  public let isDry: Bool

  public init(grace: Int64 = 14 * 86_400, proposals: [FilePath] = [], isDry: Bool = false) {
    self.grace = grace
    self.proposals = proposals
    self.isDry = isDry
  }

  public struct Result: Sendable, Equatable {
    /// Paths in the repository.
    public let removed: [String]
    /// Bytes.
    public let freed: Int64
    /// Unreferenced, and still within their grace period.
    public let waiting: [String]
  }

  /// `now` in seconds since 1970. Errors: locked, invalidInput (a proposal), and `TUFError`.
  public func run(repository path: FilePath, now: Int64) throws -> Result {
    let repository = try Repository.open(path)
    return try repository.locked { try sweep(repository, keeping: try referenced(repository), now: now) }
  }

  /// Removes what is not among the paths that are kept. For who holds the lock.
  func sweep(_ repository: Repository, keeping kept: Set<String>, now: Int64) throws -> Result {
    let before = try PruningNotes(of: repository)
    var after = PruningNotes()
    var removed: [String] = []
    var freed: Int64 = 0
    for (name, length) in try Self.files(repository) where !kept.contains(name) {
      // A clock that was set back must not shorten anything.
      let noted = before.since[name]
      let since = min(noted ?? now, now)
      if now - since >= grace, noted != nil || grace == 0 {
        removed.append(name)
        freed += length
      } else {
        after.since[name] = since
      }
    }
    if !isDry {
      for name in removed { try Self.remove(name, repository) }
      try after.write(to: repository)
    }
    return Result(removed: removed, freed: freed, waiting: after.since.keys.sorted())
  }

  /// Everything that the published state leads to, that its snapshot lists, and that the proposals name.
  private func referenced(_ repository: Repository) throws -> Set<String> {
    let contents = try Contents(repository)
    var names = try contents.metadataPaths()
    var states = [contents.editor]
    for path in proposals {
      var editor = contents.editor
      try ProposalFile.require(path).adopt(by: &editor)
      states.append(editor)
    }
    for editor in states {
      names.formUnion(try editor.targetFiles())
    }
    return names
  }

  /// All plain files that could be pruned, with their lengths in bytes. What begins with a dot is somebody's work.
  private static func files(_ repository: Repository) throws -> [(name: String, length: Int64)] {
    var found: [(name: String, length: Int64)] = []
    func walk(_ directory: Directory, _ prefix: String) throws {
      for name in try directory.names() where name.first != "." {
        guard let status = try directory.status(name) else { continue }
        switch status.kind {
        case .file: found.append((prefix + name, status.size))
        case .directory: try walk(try directory.directory(name), prefix + name + "/")
        default: break
        }
      }
    }
    try walk(try repository.targets, "targets/")
    for name in try repository.metadata.names()
    where name.hasSuffix(".json") && name.first != "." && !name.hasSuffix(".root.json") {
      found.append(("metadata/" + name, try repository.metadata.status(name)?.size ?? 0))
    }
    return found
  }

  private static func remove(_ name: String, _ repository: Repository) throws {
    let parts = name.split(separator: "/").map(String.init)
    guard let directory = try repository.root.directoryIfThere(Array(parts.dropLast())), let file = parts.last else {
      return
    }
    try directory.unlink(file)
    // Folders that this leaves empty go too, targets/ itself stays.
    for count in stride(from: parts.count - 1, to: 1, by: -1) {
      guard let parent = try repository.root.directoryIfThere(Array(parts[..<(count - 1)])),
        try parent.directory(parts[count - 1]).names().isEmpty
      else { return }
      try parent.removeDirectory(parts[count - 1])
    }
  }
}

extension RepositoryEditor {
  /// The files that the published snapshot lists, with their versions.
  func snapshotMeta() throws -> [(file: String, version: Int)] {
    guard let fields = try header(of: "snapshot")?.fields["meta"]?.object else { return [] }
    return fields.compactMap { file, meta in meta["version"]?.integer.flatMap { Int(exactly: $0) }.map { (file, $0) } }
  }
}
