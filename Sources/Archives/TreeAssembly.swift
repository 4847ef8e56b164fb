import Cryptography
import Glibc
import Posix
import SystemPackage

/// Builds a tree again from files that other trees on this disk have: by hash, wherever they lie there.
public struct TreeAssembly {
  /// A tree that may have some of the files.
  public struct Donor: Sendable {
    let tree: Directory
    let manifest: TreeManifest

    public init(_ tree: Directory, _ manifest: TreeManifest) {
      self.tree = tree
      self.manifest = manifest
    }
  }

  private let donors: [(tree: Directory, paths: [SHA256Digest: [EntryPath]])]

  public init(_ donors: [Donor]) {
    self.donors = donors.map { donor in
      var paths: [SHA256Digest: [EntryPath]] = [:]
      for entry in donor.manifest.entries {
        if case .file(_, _, let digest) = entry.kind { paths[digest, default: []].append(entry.path) }
      }
      return (donor.tree, paths)
    }
  }

  /// Makes the whole tree in the empty directory `destination`, as ``TreeArchive/extract(_:offset:length:manifest:into:progress:)``
  /// does: each file is a copy (shared data where the file system can), and hashed as a copy. Nothing is flushed.
  ///
  /// - Returns: the first file that no donor has; what was made so far is the caller's to remove. Nil: the tree is whole.
  /// - Throws: `system`, where `destination` cannot be written.
  public func make(_ manifest: TreeManifest, in destination: Directory) throws(ArchiveError) -> EntryPath? {
    let extractor = TreeExtractor(manifest, into: destination, progress: nil)
    for entry in manifest.entries {
      switch entry.kind {
      case .directory: try extractor.makeDirectory(entry.path)
      case .link(let target): try extractor.makeLink(entry.path, target)
      case .file(let mode, let size, let digest):
        guard try copy(entry.path, size, digest, mode, by: extractor) else { return entry.path }
      }
      extractor.next += 1
    }
    try extractor.finish()
    return nil
  }

  private func copy(
    _ path: EntryPath, _ size: Int64, _ digest: SHA256Digest, _ mode: UInt32, by extractor: TreeExtractor
  ) throws(ArchiveError) -> Bool {
    for (tree, paths) in donors {
      for place in paths[digest] ?? [] {
        guard let offered = Self.open(place, in: tree, size: size) else { continue }
        defer { try? offered.close() }
        if try extractor.copyFile(path, mode: mode, digest: digest, from: offered) { return true }
      }
    }
    return false
  }

  /// Nil for anything but a readable file of the right size.
  private static func open(_ path: EntryPath, in tree: Directory, size: Int64) -> FileDescriptor? {
    guard let file = try? tree.open(path.string) else { return nil }
    guard let status = try? file.status(path.string), status.kind == .file, status.size == size else {
      try? file.close()
      return nil
    }
    return file
  }
}

extension TreeExtractor {
  /// Copies a file and hashes what it wrote.
  ///
  /// - Returns: false where the bytes are others, or cannot be read; nothing is left of them then.
  fileprivate func copyFile(_ path: EntryPath, mode: UInt32, digest: SHA256Digest, from offered: FileDescriptor)
    throws(ArchiveError) -> Bool
  {
    let above = try system(path) { () throws(PosixError) in try directory(above: path) }
    let file = try system(path) { () throws(PosixError) in try above.create(path.name, mode: mode_t(mode & 0o777)) }
    defer { try? file.close() }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
    defer { buffer.deallocate() }
    if !file.reflink(from: offered) {
      var offset: Int64 = 0
      // What the disk does not give back any more is no reason to stop: another donor may have it.
      while let count = try? offered.read(at: offset, into: buffer, path: path.string), count > 0 {
        let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
        try system(path) { () throws(PosixError) in try file.writeFully(bytes, path: path.string) }
        offset += Int64(count)
      }
    }
    guard try file.digest(path, buffer: buffer).sha256 == digest else {
      try system(path) { () throws(PosixError) in try above.unlink(path.name) }
      return false
    }
    try system(path) { () throws(PosixError) in
      try seal(file.rawValue, mode: mode & 0o7000 == 0 ? nil : mode, path)
    }
    return true
  }
}
