import Archives
import CArchive
import Dispatch
import Posix
import SystemPackage

/// Compresses a stream into zstd frames of 64 MiB of content each, so that several workers can share the work whatever the
/// library was built with. The cut depends on the input alone, so the bytes do not depend on the workers, nor on how the
/// input is handed over. Any zstd decoder reads the frames as one stream.
final class ZstandardEncoder {
  /// Bytes of content a frame: four windows, which costs under one per cent of ratio against a single frame.
  static let frameContent = 64 << 20

  private let file: FileDescriptor
  private let frames: [Frame]
  /// The frame that is being filled.
  private var current = 0

  init(to file: FileDescriptor, level: Int, workers: Int) throws(ArchiveError) {
    self.file = file
    var frames: [Frame] = []
    for _ in 0..<max(1, workers) { frames.append(try Frame(level: level)) }
    self.frames = frames
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(ArchiveError) {
    var rest = bytes
    while !rest.isEmpty {
      if frames[current].isFull { current += 1 }
      if current == frames.count { try flush() }
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(frames[current].fill(from: rest)))
    }
  }

  /// Compresses and writes what is left. Nothing is flushed to the disk.
  func finish() throws(ArchiveError) { try flush() }

  /// Compresses the filled frames side by side and writes them in order.
  private func flush() throws(ArchiveError) {
    let filled = frames.filter { !$0.isEmpty }
    DispatchQueue.concurrentPerform(iterations: filled.count) { filled[$0].compress() }
    for frame in filled {
      let compressed = try frame.take()
      try system(nil) { () throws(PosixError) in try file.writeFully(compressed, path: "archive") }
    }
    current = 0
  }
}

/// One frame in the making. Sendable in that only one thread at a time has it: its encoder, or the worker that compresses.
private final class Frame: @unchecked Sendable {
  private let handle: EncoderHandle
  private let input: UnsafeMutableRawBufferPointer
  private let output: UnsafeMutableRawBufferPointer
  private var count = 0
  private var result = 0

  init(level: Int) throws(ArchiveError) {
    input = .allocate(byteCount: ZstandardEncoder.frameContent, alignment: 64)
    output = .allocate(byteCount: ZSTD_compressBound(ZstandardEncoder.frameContent), alignment: 64)
    do {
      handle = try EncoderHandle(level: level)
    } catch {
      input.deallocate()
      output.deallocate()
      throw error
    }
  }

  deinit {
    input.deallocate()
    output.deallocate()
  }

  var isEmpty: Bool { count == 0 }
  var isFull: Bool { count == input.count }

  /// Takes as much of `bytes` as fits; returns how much that was.
  func fill(from bytes: UnsafeRawBufferPointer) -> Int {
    let taken = min(bytes.count, input.count - count)
    UnsafeMutableRawBufferPointer(rebasing: input[count...]).copyMemory(
      from: UnsafeRawBufferPointer(rebasing: bytes[..<taken]))
    count += taken
    return taken
  }

  func compress() {
    result = ZSTD_compress2(handle.raw, output.baseAddress, output.count, input.baseAddress, count)
  }

  /// The compressed frame, valid until the next one is compressed; the input is empty again.
  func take() throws(ArchiveError) -> UnsafeRawBufferPointer {
    count = 0
    try Zstandard.check(result)
    return UnsafeRawBufferPointer(rebasing: output[..<result])
  }
}

/// Owns a compression context with its parameters set.
private struct EncoderHandle: ~Copyable {
  let raw: OpaquePointer

  init(level: Int) throws(ArchiveError) {
    guard let raw = ZSTD_createCCtx() else { throw ArchiveError(.library, nil, "zstd: no memory") }
    let parameters: [(ZSTD_cParameter, Int32)] = [
      (ZSTD_c_compressionLevel, Int32(clamping: level)),
      (ZSTD_c_windowLog, Zstandard.windowLog),
      (ZSTD_c_checksumFlag, 1),
    ]
    do throws(ArchiveError) {
      for (parameter, value) in parameters { try Zstandard.check(ZSTD_CCtx_setParameter(raw, parameter, value)) }
    } catch {
      ZSTD_freeCCtx(raw)
      throw error
    }
    self.raw = raw
  }

  deinit { ZSTD_freeCCtx(raw) }
}
