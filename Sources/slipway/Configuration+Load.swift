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
    var result = Configuration()
    for (folder, name) in try files(layout) {
      guard let bytes = try folder.read(name, limit: 1 << 20) else { continue }
      do {
        let text = String(decoding: bytes, as: UTF8.self)
        result = try ConfigTOML.parse(text, file: "\(folder.path)/\(name)").over(result)
      } catch {
        throw Failure(
          .malformedConfiguration, name: "configuration", error.description,
          remedy: "correct that line; until then the device keeps running what it runs")
      }
    }
    return result
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
