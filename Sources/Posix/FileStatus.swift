import CPosix
import Glibc

/// What lstat(2) says of one name; symbolic links are never followed.
public struct FileStatus: Sendable, Equatable {
  public enum Kind: Sendable, Equatable { case file, directory, link, other }

  public let kind: Kind
  /// Permission bits including setuid, setgid and sticky (`mode & 07777`).
  public let mode: mode_t
  /// Bytes.
  public let size: Int64
  /// Blocks of 512 bytes that the file really takes.
  public let blocks: Int64
  public let links: UInt64
  public let user: uid_t
  public let group: gid_t
  public let device: UInt64
  public let inode: UInt64
  /// Seconds since the epoch.
  public let modified: Int64

  init(_ s: Glibc.stat) {
    kind =
      switch s.st_mode & Glibc.S_IFMT {
      case Glibc.S_IFREG: .file
      case Glibc.S_IFDIR: .directory
      case Glibc.S_IFLNK: .link
      default: .other
      }
    mode = s.st_mode & 0o7777
    size = Int64(s.st_size)
    blocks = Int64(s.st_blocks)
    links = UInt64(s.st_nlink)
    user = s.st_uid
    group = s.st_gid
    device = UInt64(s.st_dev)
    inode = UInt64(s.st_ino)
    modified = Int64(s.st_mtim.tv_sec)
  }
}
