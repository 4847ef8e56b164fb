import Glibc
import Posix
import SystemPackage

/// Files of the system, from below a root where they are there and from the machine itself otherwise.
struct MachineFiles: Sendable {
  let root: FilePath

  /// nil for what is no regular file, cannot be read, or has more than `limit` bytes.
  func read(_ name: String, limit: Int) -> [UInt8]? {
    for base in [root, "/"] {
      let path = FilePath("\(base.string)/\(name)")
      guard let file = try? FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking]) else {
        continue
      }
      defer { try? file.close() }
      guard let status = try? file.status(path.string), status.kind == .file,
        let bytes = try? file.readAll(limit: limit, path: path.string)
      else { continue }
      return bytes
    }
    return nil
  }

  func system() -> OSRelease? {
    (read("etc/os-release", limit: 1 << 16) ?? read("usr/lib/os-release", limit: 1 << 16))
      .map { OSRelease(parsing: String(decoding: $0, as: UTF8.self)) }
  }

  func kernel() -> DottedVersion? {
    MachineFiles(root: "/").read("proc/sys/kernel/osrelease", limit: 1024)
      .flatMap { DottedVersion(String(decoding: $0, as: UTF8.self)) }
  }

  /// From the name of systemd's private library, which carries it: no process to run, no bus to ask.
  func systemdVersion() -> Int? {
    for folder in ["/usr/lib/\(Self.libraryTriplet)/systemd", "/usr/lib/systemd", "/usr/lib64/systemd", "/lib/systemd"]
    {
      guard let names = try? Directory.open(FilePath(folder)).names() else { continue }
      for name in names where name.hasPrefix("libsystemd-shared-") && name.hasSuffix(".so") {
        let digits = name.dropFirst("libsystemd-shared-".count).prefix { $0.isASCII && $0.isNumber }
        if let version = Int(digits) { return version }
      }
    }
    return nil
  }

  private static var libraryTriplet: String {
    #if arch(arm64)
      "aarch64-linux-gnu"
    #else
      "x86_64-linux-gnu"
    #endif
  }
}
