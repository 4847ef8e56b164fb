import Archives
import Cryptography
import Posix
import SystemPackage

/// Feeds the entries of a scanned tree to a tar writer, checking that each still is what the manifest says.
final class TreePacker {
  private let root: Directory
  private let writer: TarWriter
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)

  init(root: Directory, writer: TarWriter) {
    self.root = root
    self.writer = writer
  }

  deinit { buffer.deallocate() }

  func add(_ entry: TreeManifest.Entry) throws(ArchiveError) {
    let path = entry.path
    let status = try system(path) { () throws(PosixError) in try root.confinedStatus(path) }
    switch (entry.kind, status?.kind) {
    case (_, nil): throw ArchiveError(.missing, path.string)
    case (.directory, .directory): try writer.begin(entry)
    case (.link(let target), .link):
      guard try system(path, { () throws(PosixError) in try root.confinedTarget(path) }) == Array(target.utf8) else {
        throw ArchiveError(.wrongTarget, path.string, "it has changed since the scan")
      }
      try writer.begin(entry)
    case (.file(_, let size, let digest), .file):
      try writer.begin(entry)
      try copy(path, size: size, digest: digest)
    default: throw ArchiveError(.wrongType, path.string, "it has changed since the scan")
    }
  }

  private func copy(_ path: EntryPath, size: Int64, digest: SHA256Digest) throws(ArchiveError) {
    let file = try system(path) { () throws(PosixError) in try root.open(path.string) }
    defer { try? file.close() }
    let found = try file.digest(path, buffer: buffer) { (bytes, end) throws(ArchiveError) in
      guard end <= size else { throw ArchiveError(.wrongSize, path.string, "it has grown since the scan") }
      try writer.write(bytes)
    }
    guard found.size == size else { throw ArchiveError(.wrongSize, path.string, "it has changed since the scan") }
    guard found.sha256 == digest else { throw ArchiveError(.wrongDigest, path.string, "it has changed since the scan") }
  }
}
