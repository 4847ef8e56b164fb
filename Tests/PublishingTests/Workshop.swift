import Foundation
import Posix
import Product
import Publishing
import SystemPackage

/// A publisher's folder with a product to pack; removed with the last reference.
final class Workshop: Sendable {
  static let passphrase = Array("correct horse".utf8)
  static let id = "room-agent"
  let path: FilePath

  var repository: FilePath { path.appending("repo") }
  var keys: FilePath { path.appending("keys") }
  var tree: FilePath { path.appending("tree") }
  var manifest: FilePath { path.appending("product.toml") }
  var updater: FilePath { path.appending("slipway") }

  init(platforms: [String] = ["linux-x86_64"], at path: FilePath? = nil) throws {
    self.path = path ?? Self.newPath()
    try makeTree(tree)
    try write("#!/bin/sh\nexit 0\n", updater, mode: 0o755)
    let listed = platforms.map { "\"\($0)\"" }.joined(separator: ", ")
    try write(
      """
      id = "\(Self.id)"
      name = "Room Agent"
      publisher = "Example"
      platforms = [\(listed)]
      [[services]]
      name = "agent"
      command = ["agent/bin/agent", "--run"]
      user = "room-agent"
      [services.probe]
      unixSocket = "/run/room-agent/agent.sock"
      path = "/health"

      """, manifest)
  }

  /// A copy of another workshop, links and modes kept: making keys takes seconds, copying them does not.
  init(copying other: Workshop) throws {
    path = Self.newPath()
    try FileManager.default.copyItem(atPath: other.path.string, toPath: path.string)
  }

  deinit { try? FileManager.default.removeItem(atPath: path.string) }

  private static func newPath() -> FilePath {
    FilePath(NSTemporaryDirectory()).appending("publishing-\(UUID().uuidString)")
  }

  /// A repository with `room-agent` 1.0.0 packed and promoted to `stable`.
  static func prepared() throws -> Workshop { try Workshop(copying: try original.get()) }

  private static let originalPath = newPath()
  private static let original: Result<Workshop, any Error> = Result { () throws -> Workshop in
    let workshop = try Workshop(at: originalPath)
    // What a static holds is never released.
    atexit { try? FileManager.default.removeItem(atPath: Workshop.originalPath.string) }
    try workshop.initialize()
    try workshop.pack("1.0.0")
    try workshop.promote("1.0.0")
    return workshop
  }

  func makeTree(_ tree: FilePath, order: [String] = ["version", "bin/agent", "data"]) throws {
    for name in order {
      let file = tree.appending("agent").appending(name)
      let size = name == "data" ? 300_000 : 1_000
      let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 / 7) }
      try write(String(decoding: bytes, as: UTF8.self), file, mode: name == "bin/agent" ? 0o755 : 0o644)
    }
    try FileManager.default.createSymbolicLink(
      atPath: tree.appending("agent/run").string, withDestinationPath: "bin/agent")
  }

  func write(_ text: String, _ file: FilePath, mode: Int = 0o644) throws {
    try FileManager.default.createDirectory(
      atPath: file.removingLastComponent().string, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(fileURLWithPath: file.string))
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.string)
  }

  func read(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path.appending(name).string)))
  }

  /// All files below `folder` by path, but for those whose name begins with a dot.
  func contents(_ folder: FilePath) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder.string) {
      var isDirectory: ObjCBool = false
      let file = folder.appending(name)
      guard FileManager.default.fileExists(atPath: file.string, isDirectory: &isDirectory), !isDirectory.boolValue,
        file.lastComponent?.string.hasPrefix(".") == false
      else { continue }
      files[name] = Array(try Data(contentsOf: URL(fileURLWithPath: file.string)))
    }
    return files
  }

  func signing(passphrases: [[UInt8]] = [passphrase], now: Int64 = HostClock.wallSeconds()) -> Signing {
    Signing(folder: KeyFolder(keys), reader: KeyReader(passphrases: passphrases), now: now)
  }

  func initialize(now: Int64 = HostClock.wallSeconds()) throws {
    _ = try Initialization().run(repository: repository, keys: KeyFolder(keys), signing: signing(now: now))
  }

  func packer(
    _ version: String, platform: String = "linux-x86_64", tree: FilePath? = nil, updater: FilePath? = nil,
    workers: Int = 1
  ) throws -> Packer {
    Packer(
      manifest: manifest, tree: tree ?? self.tree, version: try SemanticVersion(version),
      platform: try Platform(platform), updater: updater ?? self.updater, level: 3, workers: workers)
  }

  @discardableResult
  func pack(_ version: String, platform: String = "linux-x86_64", tree: FilePath? = nil, signing: Signing? = nil) throws
    -> Packer.Result
  {
    try packer(version, platform: platform, tree: tree).run(repository: repository, signing: signing ?? self.signing())
  }

  @discardableResult
  func promote(_ version: String, channel: String = "stable", percent: Int = 100) throws -> Promotion.Result {
    try Promotion(
      product: try ProductID(Self.id), version: try SemanticVersion(version), channel: channel, percent: percent
    ).run(repository: repository, signing: signing())
  }

  func release(_ version: String) throws -> ReleaseIdentity {
    ReleaseIdentity(
      id: try ProductID(Self.id), version: try SemanticVersion(version), platform: try Platform("linux-x86_64"))
  }
}
