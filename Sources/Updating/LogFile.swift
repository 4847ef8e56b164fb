import Posix
import SystemPackage

/// Slipway's own logs, which stay small by themselves: there is one older file beside each.
public enum LogFile {
  /// Bytes; looked at when a log is opened.
  public static let limit: Int64 = 4 << 20

  /// Opens a log for appending. One that has grown beyond the limit becomes `NAME.1`, in the place of the one before.
  public static func open(_ name: String, in folder: Directory) throws(PosixError) -> FileDescriptor {
    if let there = try folder.status(name), there.kind == .file, there.size > limit {
      try folder.rename(name, to: folder, as: "\(name).1")
    }
    return try folder.append(to: name, mode: 0o640)
  }
}
