import Console
import Installation
import Posix
import Product
import SystemPackage
import Updating

/// `install.log`: what support asks for first; with `--log` also where the admin wants it.
struct InstallLog: Sendable {
  private let files: [FileDescriptor]

  init(_ layout: Layout, copy: FilePath?) {
    let own = (try? Directory.open(layout.logs)).flatMap { try? LogFile.open("install.log", in: $0) }
    let other = copy.flatMap {
      try? FileDescriptor.open(
        $0, .writeOnly, options: [.create, .append, .closeOnExec], permissions: [.ownerReadWrite])
    }
    files = [own, other].compactMap { $0 }
  }

  func write(_ text: String) {
    let now = Timestamp(seconds: HostClock.wallSeconds())
    for file in files {
      try? file.writeFully(Array("\(now) \(text.sanitized(limit: Output.sentence))\n".utf8), path: "install.log")
    }
  }
}
