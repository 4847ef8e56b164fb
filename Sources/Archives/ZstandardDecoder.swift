import CArchive

/// Decompresses zstd frames (RFC 8878) that must fill their source exactly, with at most 16 MiB of window. Frames that
/// yield nothing, skippable ones and those of the format's early versions are refused: nothing may hide in an archive.
struct ZstandardDecoder: ~Copyable {
  private let handle: DecoderHandle
  private var source: ByteSource
  private let buffer: UnsafeMutableRawBufferPointer
  /// What was read from the source and not yet consumed.
  private var input = ZSTD_inBuffer(src: nil, size: 0, pos: 0)
  private var state = State.betweenFrames
  /// Bytes that came out of earlier frames and of this one.
  private var total: Int64 = 0
  private var frameStart: Int64 = 0
  /// How many bytes may come out.
  private let limit: Int64

  private enum State { case betweenFrames, inFrame, finished }

  /// `limit`: bytes that may come out at most; one more is `tooLarge`.
  init(_ source: ByteSource, limit: Int64) throws(ArchiveError) {
    handle = try DecoderHandle()
    self.source = source
    self.limit = limit
    buffer = .allocate(byteCount: 1 << 17, alignment: 64)
  }

  deinit { buffer.deallocate() }

  /// Fills `output` as far as the stream goes; 0 when it is complete and nothing comes after it.
  ///
  /// Errors: truncated, trailingData, corrupt, windowTooLarge, tooLarge, system.
  mutating func read(into output: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int {
    var out = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
    while out.pos < out.size {
      switch state {
      case .betweenFrames: try beginFrame()
      case .inFrame: try decode(&out)
      case .finished: return out.pos
      }
    }
    return out.pos
  }

  /// Looks at the magic number: the library itself would take more than plain frames.
  private mutating func beginFrame() throws(ArchiveError) {
    try refill(atLeast: 4)
    let left = input.size - input.pos
    let isFirst = total == 0
    if left == 0, !isFirst {
      state = .finished
      return
    }
    guard left >= 4 else { throw ArchiveError(isFirst ? .truncated : .trailingData, nil, "\(left) bytes") }
    let magic = UnsafeRawBufferPointer(buffer).loadUnaligned(fromByteOffset: input.pos, as: UInt32.self)
    guard UInt32(littleEndian: magic) == ZSTD_MAGICNUMBER else {
      throw ArchiveError(isFirst ? .corrupt : .trailingData, nil, "not a zstd frame")
    }
    frameStart = total
    state = .inFrame
  }

  private mutating func decode(_ out: inout ZSTD_outBuffer) throws(ArchiveError) {
    try refill(atLeast: 1)
    let before = (input: input.pos, output: out.pos)
    let result = ZSTD_decompressStream(handle.raw, &out, &input)
    guard ZSTD_isError(result) == 0 else { throw Self.error(result) }
    total += Int64(out.pos - before.output)
    guard total <= limit else { throw ArchiveError(.tooLarge, nil, "at most \(limit) bytes") }
    if result == 0 {
      guard total > frameStart else { throw ArchiveError(.trailingData, nil, "a frame without content") }
      state = .betweenFrames
    } else if before == (input.pos, out.pos), input.pos == input.size, source.remaining == 0 {
      throw ArchiveError(.truncated, nil, "in the compressed stream")
    }
  }

  /// Sees to it that `count` bytes lie in a row, as far as the source still has them.
  private mutating func refill(atLeast count: Int) throws(ArchiveError) {
    while input.size - input.pos < count, source.remaining > 0 {
      let left = input.size - input.pos
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[input.pos..<input.size]))
      let room = UnsafeMutableRawBufferPointer(rebasing: buffer[left...])
      input = ZSTD_inBuffer(src: buffer.baseAddress, size: left + (try source.read(into: room)), pos: 0)
    }
  }

  private static func error(_ result: Int) -> ArchiveError {
    let name = String(cString: ZSTD_getErrorName(result))
    return switch ZSTD_getErrorCode(result) {
    case ZSTD_error_frameParameter_windowTooLarge: ArchiveError(.windowTooLarge)
    case ZSTD_error_memory_allocation: ArchiveError(.library, nil, "zstd: " + name)
    default: ArchiveError(.corrupt, nil, name)
    }
  }
}

/// Owns a decompression context whose window is bounded.
private struct DecoderHandle: ~Copyable {
  let raw: OpaquePointer

  init() throws(ArchiveError) {
    guard let raw = ZSTD_createDCtx() else { throw ArchiveError(.library, nil, "zstd: no memory") }
    do throws(ArchiveError) {
      try Zstandard.check(ZSTD_DCtx_setParameter(raw, ZSTD_d_windowLogMax, Zstandard.windowLog))
    } catch {
      ZSTD_freeDCtx(raw)
      throw error
    }
    self.raw = raw
  }

  deinit { ZSTD_freeDCtx(raw) }
}
