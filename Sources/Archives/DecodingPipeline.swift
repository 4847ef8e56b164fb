import Dispatch
import Synchronization

/// Decompression on a thread of its own, a few buffers ahead of its reader: decoding, and hashing with writing, use two
/// cores. The semaphores hand each buffer from one side to the other, so neither ever touches what the other holds; that
/// is why the class may call itself Sendable.
final class DecodingPipeline: @unchecked Sendable {
  private static let slotCount = 8
  private static let bufferSize = 1 << 18

  private struct Slot {
    let buffer: UnsafeMutableRawBufferPointer
    /// What the decoder put there: a number of bytes, 0 for the end, or why it failed.
    var result: Result<Int, ArchiveError>
  }

  private let slots: UnsafeMutableBufferPointer<Slot>
  private let free = DispatchSemaphore(value: 0)
  private let filled = DispatchSemaphore(value: 0)
  private let done = DispatchSemaphore(value: 0)
  private let cancelled = Atomic<Bool>(false)
  /// The reader's side: the slot that comes next, whether it holds the one before, and how the stream ended.
  private var next = 0
  private var holding = false
  private var end: Result<Int, ArchiveError>?

  /// Starts decoding at once. `limit`: how many bytes may come out. Every pipeline must be stopped.
  init(_ source: ByteSource, limit: Int64) {
    slots = .allocate(capacity: Self.slotCount)
    for index in slots.indices {
      let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.bufferSize, alignment: 64)
      slots.initializeElement(at: index, to: Slot(buffer: buffer, result: .success(0)))
      free.signal()
    }
    DispatchQueue(label: "slipway.archives.decode").async { [self] in
      decode(source, limit: limit)
      done.signal()
    }
  }

  deinit {
    for slot in slots { slot.buffer.deallocate() }
    slots.deinitialize()
    slots.deallocate()
  }

  /// Stops the decoder and waits for it; the archive's descriptor may be closed afterwards.
  func stop() {
    cancelled.store(true, ordering: .releasing)
    free.signal()
    done.wait()
  }

  /// The next stretch of the decompressed stream, valid until the next call; empty at its end.
  func read() throws(ArchiveError) -> UnsafeRawBufferPointer {
    if end == nil {
      if holding { free.signal() }
      filled.wait()
      holding = true
      let slot = slots[next]
      next = (next + 1) % slots.count
      if case .success(let count) = slot.result, count > 0 {
        return UnsafeRawBufferPointer(rebasing: slot.buffer[..<count])
      }
      end = slot.result
    }
    _ = try end?.get()
    return UnsafeRawBufferPointer(start: nil, count: 0)
  }

  /// The decoder's side, until the end of the stream, an error, or `stop`.
  private func decode(_ source: ByteSource, limit: Int64) {
    var index = 0
    do throws(ArchiveError) {
      var decoder = try ZstandardDecoder(source, limit: limit)
      var count = 1
      while count > 0 {
        free.wait()
        if cancelled.load(ordering: .acquiring) { return }
        count = try decoder.read(into: slots[index].buffer)
        slots[index].result = .success(count)
        index = (index + 1) % slots.count
        filled.signal()
      }
    } catch {
      slots[index].result = .failure(error)
      filled.signal()
    }
  }
}
