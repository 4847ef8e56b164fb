import Bundles
import Glibc
import Posix
import SystemPackage

/// Input for parsers that read files, and a folder for those that write them. Everything is gone with the process.
enum Scratch {
  /// The bytes as a file without a name.
  static func file(_ bytes: [UInt8]) throws(Finding) -> OpenFile {
    var template = Array("\(folderPath)/slipway-fuzz.XXXXXX".utf8CString)
    let raw = mkstemp(&template)
    try require(raw >= 0, "\(folderPath): no temporary file (errno \(errno))")
    unlink(template)
    let file = OpenFile(FileDescriptor(rawValue: raw))
    _ = try mustSucceed("writing the input") { () throws in try file.descriptor.writeFully(bytes, path: "input") }
    return file
  }

  /// Calls `body` with a new folder and removes it again.
  static func withFolder<Value>(_ body: (FilePath) throws(Finding) -> Value) throws(Finding) -> Value {
    var template = Array("\(folderPath)/slipway-fuzz.XXXXXX".utf8CString)
    let made = template.withUnsafeMutableBufferPointer { $0.baseAddress.map { mkdtemp($0) != nil } ?? false }
    try require(made, "\(folderPath): no temporary folder (errno \(errno))")
    let name = template.dropLast().map { UInt8(bitPattern: $0) }
    let path = FilePath(String(decoding: name, as: UTF8.self))
    defer {
      if let last = path.lastComponent, let above = try? Directory.open(path.removingLastComponent()) {
        try? above.removeTree(last.string)
      }
    }
    return try body(path)
  }

  static func write(_ bytes: [UInt8], _ name: String, in folder: FilePath) throws(Finding) {
    _ = try mustSucceed("writing the input") { () throws in
      let file = try FileDescriptor.open(
        folder.appending(name), .writeOnly, options: [.create, .truncate], permissions: .ownerReadWrite)
      try file.closeAfter { try file.writeFully(bytes, path: name) }
    }
  }

  /// Memory where there is such a folder: the disk would set the pace.
  private static let folderPath = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
}
