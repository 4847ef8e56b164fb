import Foundation
import SystemPackage

/// A publisher's folder, worked on through the command line alone; removed with the last reference.
final class Shop: Sendable {
  let path: FilePath

  private static let originalPath = newPath()
  private static func newPath() -> FilePath {
    FilePath(NSTemporaryDirectory()).appending("release-\(UUID().uuidString)")
  }

  init(at path: FilePath = newPath()) throws {
    self.path = path
    try write("correct horse\n", "secret")
    try write("#!/bin/sh\n", "tree/agent/run", mode: 0o755)
    try write("#!/bin/sh\n", "slipway", mode: 0o755)
    try write(
      """
      id = "demo"
      name = "Demo"
      publisher = "Example"
      platforms = ["linux-x86_64"]
      [[services]]
      name = "agent"
      command = ["agent/run"]
      user = "demo"
      [services.probe]
      http = "http://127.0.0.1:8190/health"

      """, "demo.toml")
  }

  private init(copying other: Shop) throws {
    path = Self.newPath()
    try FileManager.default.copyItem(atPath: other.path.string, toPath: path.string)
  }

  deinit { try? FileManager.default.removeItem(atPath: path.string) }

  /// With a repository that has `demo` 1.0.0, packed and promoted.
  static func prepared() async throws -> Shop { try Shop(copying: try await original.value) }

  private static let original = Task { () throws -> Shop in
    let shop = try Shop(at: originalPath)
    // What a static holds is never released.
    atexit { try? FileManager.default.removeItem(atPath: Shop.originalPath.string) }
    for arguments in [
      ["init"] + shop.signing,
      ["pack"] + shop.packing("1.0.0"),
      ["promote", "demo", "1.0.0", "--channel", "stable"] + shop.signing,
    ] {
      let outcome = try await Program.release(arguments)
      guard outcome.code == 0 else { throw Unprepared(message: outcome.error) }
    }
    return shop
  }

  private struct Unprepared: Error { let message: String }

  subscript(_ name: String) -> String { path.appending(name).string }

  var repository: [String] { ["--repository", self["repo"]] }
  var signing: [String] { repository + ["--keys", self["keys"], "--passphrase-file", self["secret"]] }

  func packing(_ version: String) -> [String] {
    signing + [
      "--manifest", self["demo.toml"], "--tree", self["tree"], "--version", version, "--platform", "linux-x86_64",
      "--updater", self["slipway"], "--level", "3",
    ]
  }

  func write(_ text: String, _ name: String, mode: Int = 0o644) throws {
    let file = path.appending(name)
    try FileManager.default.createDirectory(
      atPath: file.removingLastComponent().string, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(fileURLWithPath: file.string))
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.string)
  }

  func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: self[name]))) }

  func metadata() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: self["repo/metadata"]).sorted()
  }
}
