import CArchive

/// What libarchive's read callback draws from. It keeps the error that a C callback cannot throw, and remembers where the
/// stream's last byte other than zero was, to tell padding from smuggled data.
final class TarSource {
  private let pipeline: DecodingPipeline
  private(set) var failure: ArchiveError?
  private(set) var isAtEnd = false
  private var total: Int64 = 0
  /// The offset just after the last byte that is not zero.
  private var nonZeroEnd: Int64 = 0

  init(_ pipeline: DecodingPipeline) { self.pipeline = pipeline }

  /// The callback: the number of bytes that `buffer` points at now, 0 at the end, negative after an error.
  func read(_ buffer: UnsafeMutablePointer<UnsafeRawPointer?>) -> Int {
    do throws(ArchiveError) {
      let bytes = try next()
      buffer.pointee = bytes.baseAddress
      return bytes.count
    } catch {
      failure = error
      return Int(ARCHIVE_FATAL)
    }
  }

  /// Reads what is left and checks the end of the archive, whose mark begins at `offset`: two blocks of zeros at least,
  /// then nothing but zeros (POSIX pax, "ustar Interchange Format"). Errors: truncated, trailingData.
  func checkEnd(at offset: Int64) throws(ArchiveError) {
    while !isAtEnd { _ = try next() }
    guard nonZeroEnd <= offset else { throw ArchiveError(.trailingData, nil, "after the end-of-archive mark") }
    guard total - offset >= 1024 else { throw ArchiveError(.truncated, nil, "no end-of-archive mark") }
  }

  private func next() throws(ArchiveError) -> UnsafeRawBufferPointer {
    let bytes = try pipeline.read()
    if bytes.isEmpty { isAtEnd = true }
    if let last = Self.lastNonZero(bytes) { nonZeroEnd = total + Int64(last) + 1 }
    total += Int64(bytes.count)
    return bytes
  }

  private static func lastNonZero(_ bytes: UnsafeRawBufferPointer) -> Int? {
    var end = bytes.count
    // Eight at a time first: whole files of zeros are common.
    while end >= 8, bytes.loadUnaligned(fromByteOffset: end - 8, as: UInt64.self) == 0 { end -= 8 }
    while end > 0 {
      end -= 1
      if bytes[end] != 0 { return end }
    }
    return nil
  }
}
