import ArgumentParser
import Glibc

/// The file that names the version of the tree the agent was started from.
enum VersionFile {
  /// The first line of the file at `path`, at most 128 bytes; read once at the start, because a later
  /// switch changes what the path leads to.
  static func read(_ path: String) throws -> String {
    guard let file = fopen(path, "re") else {
      throw ValidationError("\(path): \(String(cString: strerror(errno)))")
    }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 129)
    guard fgets(&line, CInt(line.count), file) != nil else {
      throw ValidationError("\(path): no version in this file")
    }
    let bytes = line.prefix { $0 != 0 && $0 != 10 && $0 != 13 }.map { UInt8(bitPattern: $0) }
    let version = String(decoding: bytes, as: UTF8.self)
    let allowed = version.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"):
        true
      default: false
      }
    }
    guard allowed, !version.isEmpty else {
      throw ValidationError("\(path): not a version: letters, digits, dots and dashes only")
    }
    return version
  }
}
