import Glibc
import Packing
import SystemPackage
import Testing

@testable import Archives
@testable import Posix

/// A temporary directory that goes away with its owner, read-only trees included.
final class Scratch {
  let path: FilePath
  private let parent: Directory
  private let name: String

  init() throws {
    var template = Array("/tmp/archives-test.XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw PosixError("mkdtemp", "/tmp", code: errno) }
    path = FilePath(String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self))
    name = path.lastComponent?.string ?? ""
    parent = try Directory.open("/tmp")
  }

  deinit { try? parent.removeTree(name) }

  /// Makes a directory below.
  func directory(_ name: String) throws -> FilePath {
    let made = path.appending(name)
    guard mkdir(made.string, 0o755) == 0 || errno == EEXIST else { throw PosixError("mkdir", made.string, code: errno) }
    return made
  }

  /// Writes a file below, with exactly this mode.
  @discardableResult
  func file(_ name: String, _ bytes: [UInt8], mode: mode_t = 0o644) throws -> FilePath {
    let made = path.appending(name)
    // What was unpacked is read-only, and not every run of the tests is root's.
    chmod(made.string, 0o600)
    let file = try FileDescriptor.open(made, .writeOnly, options: [.create, .truncate], permissions: .ownerReadWrite)
    defer { try? file.close() }
    try file.writeAll(bytes)
    guard fchmod(file.rawValue, mode) == 0 else { throw PosixError("chmod", made.string, code: errno) }
    return made
  }

  func link(_ name: String, to target: String) throws {
    guard symlink(target, path.appending(name).string) == 0 else { throw PosixError("symlink", name, code: errno) }
  }

  /// Every path below with kind, mode, size and time, but for what is below `excluded`: to see that nothing else changed.
  func snapshot(excluding excluded: String) throws -> [String] {
    let root = try Directory.open(path)
    var found: [String] = []
    var pending: [EntryPath?] = [nil]
    while let above = pending.popLast() {
      for entry in try root.children(of: above) where entry.string != excluded {
        let status = try #require(try root.confinedStatus(entry))
        found.append("\(entry) \(status.kind) \(status.mode) \(status.size) \(status.links) \(status.modified)")
        if status.kind == .directory { pending.append(entry) }
      }
    }
    return found.sorted()
  }
}

extension TreeArchive {
  /// Unpacks the whole of a file.
  static func extract(_ archive: FilePath, manifest: TreeManifest, into destination: FilePath) throws {
    let file = try FileDescriptor.open(archive, .readOnly)
    defer { try? file.close() }
    let length = try file.seek(offset: 0, from: .end)
    try extract(file, length: length, manifest: manifest, into: destination)
  }

  /// Packs into a new file and returns its bytes.
  static func pack(_ tree: FilePath, _ manifest: TreeManifest, to archive: FilePath, level: Int = 3, workers: Int = 1)
    throws
    -> [UInt8]
  {
    let file = try FileDescriptor.open(
      archive, .readWrite, options: [.create, .truncate], permissions: .ownerReadWrite)
    defer { try? file.close() }
    try write(tree: tree, manifest: manifest, to: file, level: level, workers: workers)
    try file.seek(offset: 0, from: .start)
    return try file.readAll(limit: 1 << 30, path: archive.string)
  }
}
