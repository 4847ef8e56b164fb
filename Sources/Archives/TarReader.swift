import CArchive

/// Reads a tar stream with libarchive, which only parses here: it never opens, creates or changes anything.
final class TarReader {
  private let handle: ReadHandle
  private let source: TarSource

  /// The pipeline stays the caller's to stop.
  init(_ pipeline: DecodingPipeline) throws(ArchiveError) {
    handle = try ReadHandle()
    source = TarSource(pipeline)
    let opened = archive_read_open(
      handle.raw, Unmanaged.passUnretained(source).toOpaque(), nil,
      { _, context, buffer in
        guard let context, let buffer else { return Int(ARCHIVE_FATAL) }
        return Unmanaged<TarSource>.fromOpaque(context).takeUnretainedValue().read(buffer)
      }, nil)
    guard opened == ARCHIVE_OK else { throw failure }
  }

  /// The next entry, or nil after the last one; then the stream was read to its end and only zeros followed.
  ///
  /// Errors: truncated, trailingData, corrupt, extendedHeader, and those of the decoder.
  func next() throws(ArchiveError) -> TarEntry? {
    var raw: OpaquePointer?
    let result = archive_read_next_header(handle.raw, &raw)
    let offset = archive_read_header_position(handle.raw)
    switch result {
    case ARCHIVE_OK, ARCHIVE_WARN:
      guard let raw else { throw ArchiveError(.corrupt, nil, "no entry") }
      let isPax = archive_format(handle.raw) == ARCHIVE_FORMAT_TAR_PAX_INTERCHANGE
      let entry = TarEntry(raw, headers: archive_filter_bytes(handle.raw, 0) - offset, isPax: isPax)
      // A warning means that the reader guessed: refused, with the entry's own reason where it has one.
      if result == ARCHIVE_WARN {
        throw ArchiveError(entry.refused ?? .corrupt, String(decoding: entry.name, as: UTF8.self), message)
      }
      return entry
    case ARCHIVE_EOF:
      try source.checkEnd(at: offset)
      return nil
    default:
      throw failure
    }
  }

  /// The next stretch of the current entry's data, valid until the next call on the reader; nil at its end. `offset` is
  /// how many bytes of the entry were read before.
  func data(at offset: Int64) throws(ArchiveError) -> UnsafeRawBufferPointer? {
    var start: UnsafeRawPointer?
    var count = 0
    var position: Int64 = 0
    switch archive_read_data_block(handle.raw, &start, &count, &position) {
    case ARCHIVE_OK:
      guard position == offset else { throw ArchiveError(.sparse) }
      return UnsafeRawBufferPointer(start: start, count: count)
    case ARCHIVE_EOF:
      return nil
    default:
      throw failure
    }
  }

  private var message: String { archive_error_string(handle.raw).map { String(cString: $0) } ?? "" }

  /// Why libarchive stopped: the source's own error comes first.
  private var failure: ArchiveError {
    source.failure ?? ArchiveError(source.isAtEnd ? .truncated : .corrupt, nil, message)
  }
}

/// Owns a reader that understands tar and no outer compression.
private struct ReadHandle: ~Copyable {
  let raw: OpaquePointer

  init() throws(ArchiveError) {
    guard let raw = archive_read_new() else { throw ArchiveError(.library, nil, "libarchive: no memory") }
    guard archive_read_support_format_tar(raw) == ARCHIVE_OK else {
      archive_read_free(raw)
      throw ArchiveError(.library, nil, "libarchive: no tar reader")
    }
    self.raw = raw
  }

  deinit { archive_read_free(raw) }
}
