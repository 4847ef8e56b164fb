import Archives
import CArchive
import SystemPackage

/// Writes a GNU tar stream with libarchive into the compressor. Headers hold nothing but name, type, mode, size and
/// target: owner and time are 0.
final class TarWriter {
  private let handle: WriteHandle
  private let sink: Sink
  private let entry: EntryHandle

  /// What libarchive's write callback feeds, with the error that a C callback cannot throw.
  private final class Sink {
    let encoder: ZstandardEncoder
    var failure: ArchiveError?

    init(_ encoder: ZstandardEncoder) { self.encoder = encoder }

    func write(_ bytes: UnsafeRawBufferPointer) -> Int {
      do throws(ArchiveError) {
        try encoder.write(bytes)
        return bytes.count
      } catch {
        failure = error
        return -1
      }
    }
  }

  init(to file: FileDescriptor, level: Int, workers: Int) throws(ArchiveError) {
    handle = try WriteHandle()
    sink = Sink(try ZstandardEncoder(to: file, level: level, workers: workers))
    entry = try EntryHandle()
    let opened = archive_write_open(
      handle.raw, Unmanaged.passUnretained(sink).toOpaque(), nil,
      { _, context, bytes, count in
        guard let context else { return -1 }
        let sink = Unmanaged<Sink>.fromOpaque(context).takeUnretainedValue()
        return sink.write(UnsafeRawBufferPointer(start: bytes, count: count))
      }, nil)
    try check(opened)
  }

  /// What is not finished stays unfinished: freeing the handle must not flush into a sink that is going away.
  deinit { archive_write_fail(handle.raw) }

  /// Writes an entry's header; a file's `size` bytes of data follow by `write`.
  func begin(_ listed: TreeManifest.Entry) throws(ArchiveError) {
    archive_entry_clear(entry.raw)
    archive_entry_set_mtime(entry.raw, 0, 0)
    archive_entry_copy_pathname(entry.raw, listed.path.string)
    switch listed.kind {
    case .directory: archive_entry_set_mode(entry.raw, shim_AE_IFDIR | mode_t(TreeManifest.directoryMode))
    case .link(let target):
      archive_entry_set_mode(entry.raw, shim_AE_IFLNK | 0o777)
      archive_entry_copy_symlink(entry.raw, target)
    case .file(let mode, let size, _):
      archive_entry_set_mode(entry.raw, shim_AE_IFREG | mode_t(mode))
      archive_entry_set_size(entry.raw, size)
    }
    try check(archive_write_header(handle.raw, entry.raw))
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(ArchiveError) {
    let written = archive_write_data(handle.raw, bytes.baseAddress, bytes.count)
    guard written == bytes.count else { throw failure }
  }

  /// Ends the archive and the compressed frame.
  func finish() throws(ArchiveError) {
    try check(archive_write_close(handle.raw))
    try sink.encoder.finish()
  }

  private func check(_ result: Int32) throws(ArchiveError) {
    switch result {
    case ARCHIVE_OK: return
    default: throw failure
    }
  }

  private var failure: ArchiveError {
    let message = archive_error_string(handle.raw).map { String(cString: $0) } ?? "libarchive"
    return sink.failure ?? ArchiveError(.library, nil, message)
  }
}

/// Owns a writer of GNU tar, in blocks of 1 MiB, with no padding at the end but the format's own.
private struct WriteHandle: ~Copyable {
  let raw: OpaquePointer

  init() throws(ArchiveError) {
    guard let raw = archive_write_new() else { throw ArchiveError(.library, nil, "libarchive: no memory") }
    guard archive_write_set_format_gnutar(raw) == ARCHIVE_OK,
      archive_write_set_bytes_per_block(raw, 1 << 20) == ARCHIVE_OK,
      archive_write_set_bytes_in_last_block(raw, 1) == ARCHIVE_OK
    else {
      archive_write_free(raw)
      throw ArchiveError(.library, nil, "libarchive: no tar writer")
    }
    self.raw = raw
  }

  deinit { archive_write_free(raw) }
}

private struct EntryHandle: ~Copyable {
  let raw: OpaquePointer

  init() throws(ArchiveError) {
    guard let raw = archive_entry_new() else { throw ArchiveError(.library, nil, "libarchive: no memory") }
    self.raw = raw
  }

  deinit { archive_entry_free(raw) }
}
