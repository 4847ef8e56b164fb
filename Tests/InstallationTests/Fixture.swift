import Glibc
import Posix
import Product
import SystemPackage
import Testing

@testable import Installation

/// A root of its own for one test, gone with it.
final class Fixture {
  let path: FilePath
  let layout: Layout

  init() throws {
    var template = Array("/tmp/slipway-installation-XXXXXX".utf8CString)
    path = FilePath(String(cString: try #require(mkdtemp(&template))))
    layout = Layout(root: path, product: try ProductID("room-agent"))
    try Preparation(layout).makeFolders()
  }

  deinit {
    if let parent = try? Directory.open(path.removingLastComponent()), let name = path.lastComponent?.string {
      try? parent.removeTree(name)
    }
  }

  func files() throws -> StateFiles { try StateFiles(layout) }

  /// Puts a version on disk, as a switch would find it.
  func add(_ version: String) throws {
    let versions = try Directory.open(layout.versions)
    _ = try versions.makeDirectory("app-\(version)", mode: 0o555)
    try DurableFile.write([1], "app-\(version).json", in: Directory.open(layout.trees))
  }
}
