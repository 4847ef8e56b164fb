import Cryptography
import Glibc
import Posix
import SystemPackage

/// A download in the making: the file, and beside it `NAME.resume`.
///
/// Opened by path and without openat2(2): the process that downloads runs under a system call filter that cannot see
/// openat2's flags and therefore refuses it. It owns the folder, so nobody else swaps names in it.
final class PartialFile {
  private let path: FilePath
  private let file: FileDescriptor
  private let expectedLength: Int64
  /// Bytes in the file.
  private(set) var length: Int64 = 0
  /// Of what the bytes come from; nil: they cannot be resumed.
  private(set) var validator: Validator?
  private var flushed: Int64 = 0

  /// Opens or makes the file and keeps what a former run is known to have flushed. Errors:
  /// ``TransportError/Code/disk(errno:)``.
  init(at path: FilePath, expectedLength: Int64) throws(PosixError) {
    self.path = path
    self.expectedLength = expectedLength
    file = try Self.open(path, O_RDWR | O_CREAT)
    do throws(PosixError) {
      let status = try file.status(path.string)
      guard status.kind == .file else { throw PosixError("download to (not a file)", path.string, code: EINVAL) }
      try keepWhatIsKnown(size: status.size)
    } catch {
      try? file.close()
      throw error
    }
  }

  deinit { try? file.close() }

  var isComplete: Bool { length == expectedLength && validator == nil }

  /// Forgets the bytes. `validator` is that of the bytes to come. The record goes first: a power cut in between must
  /// not leave an old record beside new bytes.
  func restart(validator: Validator?) async throws {
    try Self.removeRecord(of: path)
    try truncate(to: 0)
    self.validator = validator
    flushed = 0
    if validator != nil { try await checkpoint() }
  }

  func append(_ bytes: UnsafeRawBufferPointer) throws(PosixError) {
    try file.writeFully(bytes, path: path.string)
    length += Int64(bytes.count)
  }

  /// Bytes that a power cut would cost now.
  var atRisk: Int64 { length - flushed }

  /// Flushes the bytes, then the record that vouches for them.
  func checkpoint() async throws {
    guard let validator else { return }
    let bytes = try ResumeRecord(validator: validator, length: length).encoded()
    try await Blocking.run { [file, path] in
      try file.synchronize(path.string)
      try Self.write(bytes, recordOf: path)
    }
    flushed = length
  }

  /// Of all bytes so far.
  func sha256() async throws -> SHA256Digest? {
    try await Blocking.run { [file, path, length] () throws -> SHA256Digest? in
      var digest = try Digest(.sha256)
      var buffer = [UInt8](repeating: 0, count: 1 << 20)
      var position: Int64 = 0
      while position < length {
        let count = try buffer.withUnsafeMutableBytes { try file.read(at: position, into: $0, path: path.string) }
        guard count > 0 else { return nil }
        try buffer.withUnsafeBytes { try digest.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        position += Int64(count)
      }
      return SHA256Digest(bytes: try digest.finish())
    }
  }

  /// Flushes the whole file and removes the record: from now on its length alone says that it is complete.
  func finish() async throws {
    try await Blocking.run { [file, path] in
      try file.synchronize(path.string)
      try Self.removeRecord(of: path)
      try Self.synchronizeFolder(of: path)
    }
    validator = nil
    flushed = length
  }

  private func keepWhatIsKnown(size: Int64) throws(PosixError) {
    let record = try Self.readRecord(of: path)
    if record == nil && size == expectedLength {
      length = size
    } else if let record, record.length <= size, record.length <= expectedLength, let known = record.validator {
      validator = known
      flushed = record.length
      try truncate(to: record.length)
    } else {
      try truncate(to: 0)
    }
    guard lseek(file.rawValue, off_t(length), SEEK_SET) >= 0 else {
      throw PosixError("seek", path.string, code: errno)
    }
  }

  private func truncate(to size: Int64) throws(PosixError) {
    guard ftruncate(file.rawValue, off_t(size)) == 0, lseek(file.rawValue, off_t(size), SEEK_SET) >= 0 else {
      throw PosixError("truncate", path.string, code: errno)
    }
    length = size
  }
}
