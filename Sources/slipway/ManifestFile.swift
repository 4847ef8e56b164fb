import Console
import Glibc
import Installation
import Posix
import Product
import ProductTOML
import SystemPackage

/// A manifest that somebody names: a publisher's (TOML), read with the files that it names, or a release's (JSON).
enum ManifestFile {
  /// - Throws: exit code 65, naming file, line and key.
  static func read(_ name: String) throws -> ProductManifest {
    let path = FilePathArgument.absolute(name)
    let folder = path.removingLastComponent()
    func text(_ file: String) throws -> String {
      let descriptor = try FileDescriptor.readingFile(folder.appending(file))
      defer { try? descriptor.close() }
      let bytes = try descriptor.readAll(limit: 64 << 20, path: "\(folder)/\(file)")
      return String(decoding: bytes, as: UTF8.self)
    }
    do {
      let own = try text(path.lastComponent?.string ?? "")
      // No TOML begins with a brace.
      if own.utf8.first(where: { !" \t\r\n".utf8.contains($0) }) == UInt8(ascii: "{") {
        return try ProductManifest.parse(Array(own.utf8))
      }
      return try ProductTOML.parse(own, file: name, readFile: text)
    } catch let error as ProductTOMLError {
      throw Failure(.malformedInput, name: "manifest", error.description, remedy: "correct that line of the manifest")
    }
  }
}
