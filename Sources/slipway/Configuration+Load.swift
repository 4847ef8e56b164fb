import Cryptography
import Installation
import Posix
import Product
import ProductTOML
import SystemPackage

extension Configuration {
  /// The admin's wishes: `config.toml`, then `config.d/*.toml` in the order of their names; later files win.
  ///
  /// - Throws: exit code 78, naming file, line and key.
  static func load(_ layout: Layout) throws -> Configuration {
    try parts(layout).reduce(Configuration()) { $1.configuration.over($0) }
  }

  /// Each file by itself, in the order in which they are read.
  static func parts(_ layout: Layout) throws -> [(file: String, text: String, configuration: Configuration)] {
    try files(layout).compactMap { folder, name in
      guard let text = try text(name, in: folder) else { return nil }
      return ("\(folder.path)/\(name)", text, try parse(text, name, in: folder))
    }
  }

  /// Each wish with the file that says it, and the line there, in the order in which they are read.
  static func origins(_ layout: Layout) throws -> [(entry: ConfigTOML.Entry, file: String, line: Int?)] {
    try parts(layout).flatMap { part in
      ConfigTOML.entries(part.configuration).map { ($0, part.file, ConfigTOML.line(of: $0.key, in: part.text)) }
    }
  }

  /// SHA-256 (hexadecimal) over the names and bytes of all files.
  static func digest(_ layout: Layout) throws -> String {
    var all: [UInt8] = []
    for (folder, name) in try files(layout) {
      guard let bytes = try folder.read(name, limit: 1 << 20) else { continue }
      all += try sha256(Array(name.utf8)).bytes + sha256(bytes).bytes
    }
    return try sha256(all).hex
  }

  /// One file; nil where there is none.
  static func read(_ name: String, in folder: Directory) throws -> Configuration? {
    try text(name, in: folder).map { try parse($0, name, in: folder) }
  }

  private static func text(_ name: String, in folder: Directory) throws -> String? {
    try folder.read(name, limit: 1 << 20).map { String(decoding: $0, as: UTF8.self) }
  }

  private static func parse(_ text: String, _ name: String, in folder: Directory) throws -> Configuration {
    do {
      return try ConfigTOML.parse(text, file: "\(folder.path)/\(name)")
    } catch {
      throw Failure(
        .malformedConfiguration, name: "configuration", error.description,
        remedy: "correct that line; until then the device keeps running what it runs")
    }
  }

  private static func files(_ layout: Layout) throws -> [(Directory, String)] {
    guard let folder = try? Directory.open(layout.configuration) else { return [] }
    var files = [(folder, "config.toml")]
    guard try folder.status("config.d")?.kind == .directory else { return files }
    let parts = try folder.directory("config.d")
    files += try parts.names().filter { $0.hasSuffix(".toml") && !$0.hasPrefix(".") }.map { (parts, $0) }
    return files
  }
}
