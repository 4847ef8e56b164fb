import Posix

/// A private folder of the repository's in which a tree is put together; under the lock there is only one.
struct Staging {
  private static let name = ".staging"
  private let repository: Repository

  init(_ repository: Repository) { self.repository = repository }

  /// Makes it, empty, whatever an interrupted run has left.
  func make() throws -> Directory {
    try repository.root.removeTree(Self.name)
    return try repository.root.makeDirectory(Self.name, mode: 0o700)
  }

  /// What cannot be removed is removed by the next run.
  func remove() { try? repository.root.removeTree(Self.name) }
}
