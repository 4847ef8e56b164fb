import CArchive
import Posix
import SystemPackage

/// Compresses a stream into one zstd frame with a checksum. The bytes depend on the input and the level alone: the work is
/// cut into jobs of a fixed size, however many workers share them and however the input is handed over.
struct ZstandardEncoder: ~Copyable {
  private let handle: EncoderHandle
  private let file: FileDescriptor
  private let buffer: UnsafeMutableRawBufferPointer

  /// Bytes of input a job: large enough to cost little ratio, small enough to keep a few cores busy.
  static let jobSize: Int32 = 32 << 20

  init(to file: FileDescriptor, level: Int, workers: Int) throws(ArchiveError) {
    let handle = try EncoderHandle(level: level, workers: workers)
    self.file = file
    buffer = .allocate(byteCount: 1 << 20, alignment: 64)
    self.handle = handle
  }

  deinit { buffer.deallocate() }

  mutating func write(_ bytes: UnsafeRawBufferPointer) throws(ArchiveError) {
    var input = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
    while input.pos < input.size { _ = try step(&input, ZSTD_e_continue) }
  }

  /// Ends the frame. Nothing is flushed to the disk.
  mutating func finish() throws(ArchiveError) {
    var input = ZSTD_inBuffer(src: nil, size: 0, pos: 0)
    while try step(&input, ZSTD_e_end) > 0 {}
  }

  /// One call of the compressor; returns how many bytes it still holds back.
  private mutating func step(_ input: inout ZSTD_inBuffer, _ end: ZSTD_EndDirective) throws(ArchiveError) -> Int {
    var out = ZSTD_outBuffer(dst: buffer.baseAddress, size: buffer.count, pos: 0)
    let left = ZSTD_compressStream2(handle.raw, &out, &input, end)
    guard ZSTD_isError(left) == 0 else { throw ArchiveError(.library, nil, String(cString: ZSTD_getErrorName(left))) }
    let ready = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<out.pos])
    try system(nil) { () throws(PosixError) in try file.writeFully(ready, path: "archive") }
    return left
  }
}

/// Owns a compression context with its parameters set.
private struct EncoderHandle: ~Copyable {
  let raw: OpaquePointer

  init(level: Int, workers: Int) throws(ArchiveError) {
    guard let raw = ZSTD_createCCtx() else { throw ArchiveError(.library, nil, "zstd: no memory") }
    let parameters: [(ZSTD_cParameter, Int32)] = [
      (ZSTD_c_compressionLevel, Int32(clamping: level)), (ZSTD_c_windowLog, ZstandardDecoder.windowLog),
      (ZSTD_c_checksumFlag, 1), (ZSTD_c_contentSizeFlag, 0),
      // At least one: without workers the compressor takes another path, which gives other bytes.
      (ZSTD_c_nbWorkers, Int32(clamping: max(1, workers))), (ZSTD_c_jobSize, ZstandardEncoder.jobSize),
    ]
    for (parameter, value) in parameters {
      let result = ZSTD_CCtx_setParameter(raw, parameter, value)
      guard ZSTD_isError(result) == 0 else {
        ZSTD_freeCCtx(raw)
        throw ArchiveError(.library, nil, String(cString: ZSTD_getErrorName(result)))
      }
    }
    self.raw = raw
  }

  deinit { ZSTD_freeCCtx(raw) }
}
