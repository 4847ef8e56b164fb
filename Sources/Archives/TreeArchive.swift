import Glibc
import Posix
import SystemPackage

/// A release's tree as one file: a GNU tar inside one zstd frame.
///
/// The dialect is plain headers, with GNU long names where a name has more than 100 bytes: those are bytes, where pax
/// records would go through the locale of whoever reads them.
public enum TreeArchive {
  /// Unpacks an archive, `length` bytes at `offset` of `file`, into the empty directory `destination`, which must already
  /// exist and which nobody else may write to. Its own mode and time are left alone; everything below ends as the manifest
  /// says: files 0444 or 0555, directories 0555, time 0, owned by root when run as root.
  ///
  /// The entries must be those of the manifest, in its order; each is compared and hashed while it is written. Every name
  /// is resolved below `destination` by openat2(2), so nothing outside it is ever touched. Nothing is flushed: one syncfs
  /// of the caller's does. After an error the caller removes what was made so far.
  ///
  /// `progress` is told how many bytes of files were written so far.
  ///
  /// Errors name the entry and have a code for each reason; see ``ArchiveError/Code``.
  public static func extract(
    _ file: FileDescriptor, offset: Int64 = 0, length: Int64, manifest: TreeManifest, into destination: Directory,
    progress: (@Sendable (Int64) -> Void)? = nil
  ) throws(ArchiveError) {
    let source = ByteSource(file, offset: offset, length: length)
    let pipeline = DecodingPipeline(source, limit: longestStream(of: manifest))
    defer { pipeline.stop() }
    let reader = try TarReader(pipeline)
    let extractor = TreeExtractor(manifest, into: destination, progress: progress)
    while let entry = try reader.next() { try extractor.add(entry, from: reader) }
    try extractor.finish()
  }

  /// Unpacks the one regular file at `path` to the empty file `destination`: its bytes are those of the manifest, or an
  /// error is thrown. What comes before it is read and passed over, what comes after it is not read.
  public static func extract(
    _ path: String, of file: FileDescriptor, length: Int64, manifest: TreeManifest, to destination: FileDescriptor
  ) throws(ArchiveError) {
    let wanted = try EntryPath(bytes: Array(path.utf8)[...])
    guard let index = manifest.index(of: wanted), case .file(_, let size, let digest) = manifest.entries[index].kind
    else { throw ArchiveError(.missing, path) }
    let pipeline = DecodingPipeline(
      ByteSource(file, offset: 0, length: length), limit: longestStream(of: manifest))
    defer { pipeline.stop() }
    let reader = try TarReader(pipeline)
    while let entry = try reader.next() {
      guard try entry.path == wanted else { continue }
      try entry.checkKind(wanted)
      var hash = try ContentHash()
      var offset: Int64 = 0
      while let data = try reader.data(at: offset) {
        offset += Int64(data.count)
        guard offset <= size else { throw ArchiveError(.wrongSize, path, "more than \(size) bytes") }
        try hash.update(data)
        try system(wanted) { () throws(PosixError) in try destination.writeFully(data, path: path) }
      }
      guard offset == size else { throw ArchiveError(.wrongSize, path, "\(offset), not \(size) bytes") }
      guard try hash.finish() == digest else { throw ArchiveError(.wrongDigest, path) }
      return
    }
    throw ArchiveError(.missing, path)
  }

  /// The whole tree, into the directory at `destination`.
  public static func extract(
    _ file: FileDescriptor, offset: Int64 = 0, length: Int64, manifest: TreeManifest, into destination: FilePath,
    progress: (@Sendable (Int64) -> Void)? = nil
  ) throws(ArchiveError) {
    let directory = try system(nil) { () throws(PosixError) in try Directory.open(destination) }
    try extract(file, offset: offset, length: length, manifest: manifest, into: directory, progress: progress)
  }

  /// How many bytes of tar the manifest's entries can take: headers, long names, data in blocks, and the padding to 1 MiB
  /// that some writers end with. More than that is a decompression bomb.
  private static func longestStream(of manifest: TreeManifest) -> Int64 {
    var total: Int64 = 1 << 20
    for entry in manifest.entries {
      total += 4096 + TarEntry.blocks(Int64(entry.path.string.utf8.count))
      switch entry.kind {
      case .file(_, let size, _): total += TarEntry.blocks(size)
      case .link(let target): total += TarEntry.blocks(Int64(target.utf8.count))
      case .directory: break
      }
    }
    return total
  }
}
