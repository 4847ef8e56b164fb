import Console
import Glibc
import Installation
import Posix
import SystemPackage

/// A private folder for the look that needs no elevation; gone when the look is over.
final class Scratch {
  private let parent: Directory
  private let name: String
  let intake: Directory
  let kept: Directory

  init() throws {
    let base = FilePath(getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp")
    parent = try Directory.open(base)
    var template = Array(base.appending("slipway-setup-XXXXXX").string.utf8CString)
    guard mkdtemp(&template) != nil else {
      throw Failure(.fileSystem, name: "fileSystem", "\(base): no folder can be made", remedy: "set TMPDIR")
    }
    let path = FilePath(String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self))
    name = path.lastComponent?.string ?? ""
    let folder = try Directory.open(path)
    intake = try folder.makeDirectory("intake", mode: 0o700)
    kept = try folder.makeDirectory("kept", mode: 0o700)
  }

  func remove() { try? parent.removeTree(name) }
}
