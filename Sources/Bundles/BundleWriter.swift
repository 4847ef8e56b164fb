import Cryptography
import Posix
import SystemPackage

/// Writes a one-file bundle: metadata first, then targets, each group in the order of its names.
public enum BundleWriter {
  /// - Parameters:
  ///   - metadata: file names (`3.root.json`) and bytes.
  ///   - targets: SHA-256 and the file that has it.
  ///   - output: written from its current position on.
  public static func write(
    metadata: [String: [UInt8]], targets: [SHA256Digest: FilePath], to output: FileDescriptor, name: String
  ) throws {
    for (file, bytes) in metadata.sorted(by: { $0.key < $1.key }) {
      try output.writeFully(try header("metadata/\(file)", Int64(bytes.count)), path: name)
      try output.writeFully(bytes + padding(Int64(bytes.count)), path: name)
    }
    for (digest, path) in targets.sorted(by: { $0.key.hex < $1.key.hex }) {
      let source = OpenFile(try FileDescriptor.reading(path))
      let length = try source.descriptor.status(path.string).size
      try output.writeFully(try header("targets/\(digest.hex)", length), path: name)
      try copy(source, 0..<length, to: output, name: path.string)
      try output.writeFully(padding(length), path: name)
    }
    try output.writeFully([UInt8](repeating: 0, count: 2 * Ustar.block), path: name)
  }

  private static func header(_ name: String, _ length: Int64) throws -> [UInt8] {
    guard let header = Ustar.header(name, length: length) else {
      throw BundleError(
        .malformed, "'\(name)' (\(length) bytes) does not fit a bundle: names have at most 100 bytes, files 8 GiB")
    }
    return header
  }

  private static func padding(_ length: Int64) -> [UInt8] {
    [UInt8](repeating: 0, count: Int(Ustar.padded(length) - length))
  }

  /// Appends a range of one file to another, a mebibyte at a time.
  static func copy(_ source: OpenFile, _ range: Range<Int64>, to output: FileDescriptor, name: String) throws {
    var position = range.lowerBound
    while position < range.upperBound {
      var bytes = [UInt8](repeating: 0, count: Int(min(1 << 20, range.upperBound - position)))
      try FileBundle.fill(&bytes, source, at: position, name: name)
      try output.writeFully(bytes, path: name)
      position += Int64(bytes.count)
    }
  }
}
