import Glibc
import Posix
import Product
import SystemPackage

/// Makes the folders of a product. What is made is noted in the undo list before it is made, so an installation cut off
/// at any point can be taken back whole.
public struct Preparation: Sendable {
  public let layout: Layout

  public init(_ layout: Layout) { self.layout = layout }

  /// Folders, mode, and whether the path is noted by itself (the rest lies below one that is).
  private var folders: [(path: FilePath, mode: mode_t, noted: Bool)] {
    [
      (layout.state, 0o755, true), (layout.versions, 0o755, true), (layout.configuration, 0o755, true),
      (layout.configuration.appending("config.d"), 0o755, false), (layout.logs, 0o755, true),
      (layout.logs.appending("apply"), 0o755, false), (layout.run, 0o755, true),
      (layout.state.appending("trusted"), 0o700, false), (layout.trustedMetadata, 0o700, false),
      (layout.trustedTargets, 0o755, false), (layout.trees, 0o755, false), (layout.incoming, 0o700, false),
    ]
  }

  /// Repeatable; existing folders keep what they hold. Makes nothing where the dispatcher's place is taken.
  public func makeFolders() throws(InstallationError) {
    try Dispatcher.check(layout)
    do throws(PosixError) {
      let state = try Directory.make(layout.state, below: layout.root)
      try UndoList(in: state).note(folders.filter(\.noted).map { .path(onDevice($0.path)) })
      for folder in folders { _ = try Directory.make(folder.path, below: layout.root, mode: folder.mode) }
    } catch { throw InstallationError(error) }
  }

  /// What ``makeFolders()`` would make: an admin may have put a configuration or an enrolment key there before. The folder
  /// with the lock, which is there already, counts as new where the state is.
  public func missingFolders() -> [FilePath] {
    let missing = folders.filter(\.noted).map(\.path).filter(Self.isMissing)
    return missing.contains(layout.state) && !missing.contains(layout.run) ? missing + [layout.run] : missing
  }

  private static func isMissing(_ path: FilePath) -> Bool {
    do throws(PosixError) {
      _ = try Directory.open(path)
      return false
    } catch { return error.isNotFound }
  }

  /// Takes back the folders that ``missingFolders()`` named, for an installation that was refused before anything was
  /// installed.
  public func remove(_ made: [FilePath]) {
    for path in made {
      guard let name = path.lastComponent?.string, let parent = try? Directory.open(path.removingLastComponent())
      else { continue }
      try? parent.removeTree(name)
      // `slipway` itself, unless another product is in it.
      let above = path.removingLastComponent()
      if let name = above.lastComponent?.string {
        try? Directory.open(above.removingLastComponent()).removeDirectory(name)
      }
    }
  }

  /// The folder that fetch may write and the ones it logs to, given to its user.
  ///
  /// - Parameter owner: nil where everything runs as one user.
  public func giveFetchItsFolders(_ owner: (user: uid_t, group: gid_t)?) throws {
    for (path, mode) in [(layout.fetch, mode_t(0o770)), (layout.logs.appending("fetch"), mode_t(0o755))] {
      let folder = try Directory.make(path, below: layout.root, mode: mode)
      if let owner { try folder.changeOwner(user: owner.user, group: owner.group) }
      try folder.changeMode(mode)
    }
  }

  /// `path` as the undo list has it: without the root that stands before it.
  public func onDevice(_ path: FilePath) -> String {
    layout.isHost
      ? path.string : "/" + FilePath(root: nil, path.components.dropFirst(layout.root.components.count)).string
  }
}
