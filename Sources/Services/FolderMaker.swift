import Glibc
import Posix
import SystemPackage

/// Makes the folders that systemd would make for a unit.
enum FolderMaker {
  /// Makes `path` and what is missing above it, down from `root`. The last folder gets `mode` and `owner`; no link is
  /// followed below the root. Throws `failed` naming the folder.
  static func make(
    _ path: FilePath, below root: FilePath, mode: mode_t = 0o755, owner: Account? = nil
  ) throws(ServicesError) {
    do {
      let folder = try Directory.make(path, below: root)
      let status = try folder.status()
      if let owner, status.user != owner.user || status.group != owner.group {
        try folder.changeOwner(user: owner.user, group: owner.group)
      }
      if status.mode & 0o7777 != mode { try folder.changeMode(mode) }
    } catch {
      throw ServicesError(.failed, "\(error)")
    }
  }
}
