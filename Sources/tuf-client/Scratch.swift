import Glibc
import Posix
import SystemPackage

/// A private folder for one download, in TMPDIR or /tmp.
struct Scratch {
  private let folder: FilePath
  var file: FilePath { folder.appending("download") }

  init() throws {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(parent)/tuf-client-XXXXXX".utf8CString)
    guard let path = mkdtemp(&template) else { throw PosixError("make a folder", parent, code: errno) }
    folder = FilePath(String(cString: path))
  }

  func remove() {
    for name in ["download", "download.resume"] { unlink(folder.appending(name).string) }
    rmdir(folder.string)
  }
}
