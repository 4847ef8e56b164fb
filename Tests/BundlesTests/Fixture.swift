import Cryptography
import Glibc
import Posix
import SystemPackage
import Testing

@testable import Bundles

/// A folder of its own for one test, gone with it.
final class Fixture {
  let path: FilePath
  let directory: Directory

  init() throws {
    var template = Array("/tmp/slipway-bundles-XXXXXX".utf8CString)
    path = FilePath(String(cString: try #require(mkdtemp(&template))))
    directory = try Directory.open(path)
  }

  deinit {
    if let parent = try? Directory.open(path.removingLastComponent()), let name = path.lastComponent?.string {
      try? parent.removeTree(name)
    }
  }

  func write(_ bytes: [UInt8], _ name: String) throws -> FilePath {
    try DurableFile.write(bytes, name, in: directory)
    return path.appending(name)
  }

  /// A new file for reading and writing.
  func create(_ name: String) throws -> OpenFile { OpenFile(try directory.create(name, mode: 0o644)) }

  /// A bundle of one metadata file and one target, as bytes.
  func bundle(target: [UInt8] = Array("target".utf8)) throws -> (path: FilePath, digest: SHA256Digest) {
    let digest = try sha256(target)
    let source = try write(target, "target-source")
    let output = try create("bundle")
    try BundleWriter.write(
      metadata: ["timestamp.json": Array("{}".utf8), "1.root.json": Array("{\"a\":1}".utf8)],
      targets: [digest: source], to: output.descriptor, name: "bundle")
    return (path.appending("bundle"), digest)
  }

  func read(_ name: String) throws -> [UInt8] { try #require(try directory.read(name, limit: 1 << 24)) }
}
