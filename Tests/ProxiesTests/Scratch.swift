import FoundationEssentials
import Posix
import SystemPackage

/// A folder that goes with the test.
final class Scratch: Sendable {
  let path: FilePath

  init() throws {
    path = FilePath("/tmp").appending("slipway-proxies-\(UUID().uuidString)")
    _ = try Directory.make(path, below: "/tmp", mode: 0o755)
  }

  deinit { try? FileManager.default.removeItem(atPath: path.string) }

  func folder() throws -> Directory { try Directory.open(path) }

  func write(_ text: String, _ name: String) throws {
    let file = path.pushing(FilePath(name))
    let folder = try Directory.make(file.removingLastComponent(), below: path)
    try DurableFile.write(Array(text.utf8), file.lastComponent?.string ?? "", in: folder)
  }

  func link(_ name: String, to target: String) throws {
    let file = path.pushing(FilePath(name))
    try Directory.make(file.removingLastComponent(), below: path)
      .makeLink(file.lastComponent?.string ?? "", to: target)
  }
}
