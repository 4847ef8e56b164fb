import Console
import Glibc
import Installation
import Posix
import Product
import ProductTOML
import SystemPackage
import Updating

/// What an admin hands to the Setup file: configuration, enrolment key, repository addresses.
struct Settings {
  let device: Device
  private var layout: Layout { device.layout }

  init(_ device: Device) { self.device = device }

  /// Everything is read and checked before anything is written.
  func take(config: String?, enrolmentKey: String?, repositories: [RepositoryBase]) throws {
    let folder = try Directory.open(layout.configuration)
    let text = try config.map { try Self.read($0) }
    if let text, let config { try check(text, file: config) }
    let key = try enrolmentKey.map { try Self.read($0) }
    if let text { try write(text, "config.toml", in: folder) }
    if let key { try write(key, "enrolment.key", in: folder, mode: 0o600) }
    if !repositories.isEmpty {
      let parts = try folder.makeDirectory("config.d", mode: 0o755)
      try write(Array(Self.repositoryText(repositories).utf8), "80-setup.toml", in: parts)
    }
  }

  private func write(_ bytes: [UInt8], _ name: String, in folder: Directory, mode: mode_t = 0o644) throws {
    let before = try folder.read(name, limit: 1 << 20)
    try DurableFile.write(bytes, name, in: folder, mode: mode)
    guard before != bytes else { return }
    device.history.note(
      Event(.wishChanged, key: name, value: "what Setup was given", before: before == nil ? nil : "another file"))
  }

  private static func repositoryText(_ addresses: [RepositoryBase]) -> String {
    var wishes = Configuration()
    wishes.use(addresses)
    return "# Written by the Setup file (--repository).\n" + ConfigTOML.text(wishes)
  }

  private func check(_ bytes: [UInt8], file: String) throws {
    do {
      _ = try ConfigTOML.parse(String(decoding: bytes, as: UTF8.self), file: file)
    } catch {
      throw Failure(
        .malformedConfiguration, name: "configuration", error.description,
        remedy: "correct that line, then run it again")
    }
  }

  static func read(_ name: String) throws -> [UInt8] {
    let path = FilePathArgument.absolute(name)
    let bytes = try Directory.open(path.removingLastComponent()).read(path.lastComponent?.string ?? "", limit: 1 << 20)
    guard let bytes else {
      throw Failure(
        .malformedConfiguration, name: "configuration", "\(path): there is no such file", remedy: "name a file")
    }
    return bytes
  }
}
