import Posix
import SystemPackage

/// A range of an open file, read from front to back without moving the file's own position.
struct ByteSource {
  let file: FileDescriptor
  private(set) var position: Int64
  let end: Int64

  init(_ file: FileDescriptor, offset: Int64, length: Int64) {
    self.file = file
    position = offset
    end = offset + length
  }

  var remaining: Int64 { end - position }

  /// Fills as much of `buffer` as there is left; 0 at the end of the range. Errors: truncated (the file is shorter).
  mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int {
    let wanted = Int(min(Int64(buffer.count), remaining))
    guard wanted > 0 else { return 0 }
    let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted])
    let count = try system(nil) { () throws(PosixError) in try file.read(at: position, into: part, path: "archive") }
    guard count > 0 else { throw ArchiveError(.truncated, nil, "\(remaining) bytes are missing") }
    position += Int64(count)
    return count
  }
}
