import CPosix
import Glibc
import SystemPackage

/// Small files that are either the old whole or the new whole after a power cut.
public enum DurableFile {
  /// Writes `bytes` under a temporary name, flushes them, renames into place and flushes the directory.
  ///
  /// - Parameter owner: whose the file is from its first byte on; nil: the caller's.
  public static func write(
    _ bytes: [UInt8], _ name: String, in directory: Directory, mode: mode_t = 0o644,
    owner: (user: uid_t, group: gid_t)? = nil
  ) throws(PosixError) {
    let temporary = ".\(name).new"
    if try directory.status(temporary) != nil { try directory.unlink(temporary) }
    let file = try directory.create(temporary, mode: mode)
    do throws(PosixError) {
      defer { try? file.close() }
      if let owner, fchown(file.rawValue, owner.user, owner.group) != 0 {
        throw PosixError.current("fchown", directory.named(temporary))
      }
      try file.writeFully(bytes, path: directory.named(temporary))
      try file.synchronize(directory.named(temporary))
    } catch {
      try? directory.unlink(temporary)
      throw error
    }
    try directory.rename(temporary, to: directory, as: name)
    try directory.synchronize()
  }
}
