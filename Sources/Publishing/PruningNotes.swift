import Posix
import TUF

/// When files of a repository were first seen to be named by nothing, kept beside them in `.unreferenced.json`.
struct PruningNotes {
  private static let name = ".unreferenced.json"
  /// Seconds since 1970 by path in the repository.
  var since: [String: Int64]

  init() { since = [:] }

  /// Empty where nothing is noted.
  init(of repository: Repository) throws {
    let noted = try repository.root.read(Self.name, limit: 64 << 20).map { try JSONValue(parsing: $0) }
    since = noted?.object?.compactMapValues(\.integer) ?? [:]
  }

  func write(to repository: Repository) throws {
    let bytes = CanonicalJSON.encode(.object(since.mapValues { .integer($0) }))
    try DurableFile.write(bytes, Self.name, in: repository.root)
  }

  /// Forgets what `editor` names from now on: should it ever be unreferenced again, its grace period begins anew.
  static func forget(_ editor: RepositoryEditor, in repository: Repository) throws {
    var notes = try PruningNotes(of: repository)
    guard !notes.since.isEmpty else { return }
    // Of a repository whose targets cannot be told nothing is pruned either.
    guard let kept = try? editor.targetFiles() else { return }
    let remaining = notes.since.filter { !kept.contains($0.key) }
    guard remaining.count < notes.since.count else { return }
    notes.since = remaining
    try notes.write(to: repository)
  }
}

extension RepositoryEditor {
  /// The paths in the repository of all targets that roles name, as they stand.
  func targetFiles() throws -> Set<String> {
    var names: Set<String> = []
    for role in roles where role == "targets" || TopLevelRole(rawValue: role) == nil {
      for target in try references(of: role) {
        names.insert("targets/\(Repository.path(of: target))")
      }
    }
    return names
  }
}
