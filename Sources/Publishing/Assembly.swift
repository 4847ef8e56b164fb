import Archives
import Glibc
import Posix
import SystemPackage

/// Copies what a manifest lists of one tree into another, sharing the data where the file system can.
///
/// What is copied is hashed again when it is packed, so a file that changes meanwhile is noticed there.
enum Assembly {
  static func copy(_ manifest: TreeManifest, from tree: FilePath, to destination: Directory) throws {
    let source = try Directory.following(tree)
    for entry in manifest.entries {
      let parent = if let folder = entry.path.parent { try destination.directory(folder.string) } else { destination }
      switch entry.kind {
      case .directory: _ = try parent.makeDirectory(entry.path.name, mode: 0o755)
      case .link(let target): try parent.makeLink(entry.path.name, to: target)
      case .file(let mode, _, _):
        let file = try source.open(entry.path.string)
        defer { try? file.close() }
        try copy(file, entry.path.name, to: parent, mode: mode)
      }
    }
  }

  static func copy(_ file: FileDescriptor, _ name: String, to parent: Directory, mode: UInt32) throws {
    let copy = try parent.create(name, mode: 0o600)
    defer { try? copy.close() }
    if !copy.reflink(from: file) {
      var buffer = [UInt8](repeating: 0, count: 1 << 20)
      var position: Int64 = 0
      while true {
        let count = try buffer.withUnsafeMutableBytes { try file.read(at: position, into: $0, path: name) }
        guard count > 0 else { break }
        try buffer.withUnsafeBytes { try copy.writeFully(UnsafeRawBufferPointer(rebasing: $0[..<count]), path: name) }
        position += Int64(count)
      }
    }
    // Set last: writing to a file takes its setuid bit away.
    guard fchmod(copy.rawValue, mode_t(mode)) == 0 else { throw PosixError("chmod", name, code: errno) }
  }
}
