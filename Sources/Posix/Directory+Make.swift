import CPosix
import Glibc
import SystemPackage

extension Directory {
  /// Opens `path`, making what is missing of it below `root`: the last folder with `mode`, those on the way with 0755.
  /// What exists keeps its mode. No link is followed below `root`; other file systems may be mounted on the way, as
  /// `/run` and `/var` often are.
  public static func make(_ path: FilePath, below root: FilePath, mode: mode_t = 0o755) throws(PosixError) -> Directory
  {
    var directory = try Directory.open(root)
    let components = Array(path.components.dropFirst(root.components.count))
    for (index, component) in components.enumerated() {
      let name = component.string
      let made = mkdirat(directory.fd, name, index == components.count - 1 ? mode : 0o755) == 0
      guard made || errno == EEXIST else { throw .current("mkdir", directory.named(name)) }
      let fd = shim_openat(directory.fd, name, O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0)
      guard fd >= 0 else { throw .current("open directory", directory.named(name)) }
      directory = Directory(owning: FileDescriptor(rawValue: fd), path: directory.named(name))
      // mkdir(2) applies the umask; what is asked for here is what must be there.
      if made { try directory.changeMode(index == components.count - 1 ? mode : 0o755) }
    }
    return directory
  }
}
