import Archives
import CArchive

/// Compression for what a device writes. Here and not beside the reader: Setup only reads, and has no room for it.
enum ZstandardFrame {
  /// `content` as one frame. Frames one after the other are read as one stream.
  static func make(_ content: [UInt8], level: Int32) throws -> [UInt8] {
    var frame = [UInt8](repeating: 0, count: ZSTD_compressBound(content.count))
    let count = ZSTD_compress(&frame, frame.count, content, content.count, level)
    try Zstandard.check(count)
    return Array(frame[..<count])
  }
}
