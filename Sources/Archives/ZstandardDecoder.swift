import CArchive

/// Decompresses one zstd frame (RFC 8878) that must fill its source exactly, with at most 16 MiB of window.
struct ZstandardDecoder: ~Copyable {
  private let handle: DecoderHandle
  private var source: ByteSource
  private let buffer: UnsafeMutableRawBufferPointer
  /// What was read from the source and not yet consumed.
  private var input = ZSTD_inBuffer(src: nil, size: 0, pos: 0)
  private var finished = false
  /// How many bytes may still come out.
  private var budget: Int64

  static let windowLog: Int32 = 24

  /// `limit`: bytes that may come out at most; one more is `tooLarge`.
  init(_ source: ByteSource, limit: Int64) throws(ArchiveError) {
    let handle = try DecoderHandle()
    self.source = source
    budget = limit
    buffer = .allocate(byteCount: ZSTD_DStreamInSize(), alignment: 64)
    self.handle = handle
  }

  deinit { buffer.deallocate() }

  /// Fills `output` as far as the frame goes; 0 when it is complete and nothing comes after it.
  ///
  /// Errors: truncated, trailingData, corrupt, windowTooLarge, tooLarge, system.
  mutating func read(into output: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int {
    var out = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
    while out.pos < out.size, !finished {
      if input.pos == input.size, source.remaining > 0 {
        input = ZSTD_inBuffer(src: buffer.baseAddress, size: try source.read(into: buffer), pos: 0)
      }
      let before = (input.pos, out.pos)
      let result = ZSTD_decompressStream(handle.raw, &out, &input)
      if ZSTD_isError(result) != 0 { throw Self.error(result) }
      if result == 0 {
        finished = true
        guard input.pos == input.size, source.remaining == 0 else {
          throw ArchiveError(.trailingData, nil, "after the compressed frame")
        }
      } else if before == (input.pos, out.pos), source.remaining == 0 {
        throw ArchiveError(.truncated, nil, "in the compressed stream")
      }
    }
    budget -= Int64(out.pos)
    guard budget >= 0 else { throw ArchiveError(.tooLarge) }
    return out.pos
  }

  private static func error(_ result: Int) -> ArchiveError {
    switch ZSTD_getErrorCode(result) {
    case ZSTD_error_frameParameter_windowTooLarge: ArchiveError(.windowTooLarge)
    case ZSTD_error_memory_allocation: ArchiveError(.library, nil, String(cString: ZSTD_getErrorName(result)))
    default: ArchiveError(.corrupt, nil, String(cString: ZSTD_getErrorName(result)))
    }
  }
}

/// Owns a decompression context whose window is bounded.
private struct DecoderHandle: ~Copyable {
  let raw: OpaquePointer

  init() throws(ArchiveError) {
    guard let raw = ZSTD_createDCtx() else { throw ArchiveError(.library, nil, "zstd: no memory") }
    let result = ZSTD_DCtx_setParameter(raw, ZSTD_d_windowLogMax, ZstandardDecoder.windowLog)
    guard ZSTD_isError(result) == 0 else {
      ZSTD_freeDCtx(raw)
      throw ArchiveError(.library, nil, String(cString: ZSTD_getErrorName(result)))
    }
    self.raw = raw
  }

  deinit { ZSTD_freeDCtx(raw) }
}
