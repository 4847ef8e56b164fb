import Cryptography
import Posix
import SystemPackage
import TUF

/// A bundle in one file, or in a range of one (a Setup file carries it behind the executable).
public struct FileBundle: BundleSource {
  private let file: OpenFile
  private let name: String
  private let index: [String: (offset: Int64, length: Int64)]

  /// More entries than any bundle has; metadata of 256 root rotations fits well.
  private static let maximumEntries = 4096

  /// - Throws: `malformed` for anything but a whole strict ustar of `metadata/...` and `targets/...`.
  public init(_ file: OpenFile, range: Range<Int64>, name: String) throws(BundleError) {
    var index: [String: (offset: Int64, length: Int64)] = [:]
    var position = range.lowerBound
    var header = [UInt8](repeating: 0, count: Ustar.block)
    while true {
      guard position + Int64(Ustar.block) <= range.upperBound else {
        throw BundleError(.malformed, "\(name): the bundle is cut off")
      }
      try Self.fill(&header, file, at: position, name: name)
      position += Int64(Ustar.block)
      guard let entry = try Ustar.entry(header) else { break }
      let known = entry.name.hasPrefix("metadata/") || entry.name.hasPrefix("targets/")
      guard known, index[entry.name] == nil, index.count < Self.maximumEntries else {
        throw BundleError(.malformed, "\(name): the bundle holds '\(entry.name)', which does not belong there")
      }
      // Compared by subtraction: a hostile length must not overflow.
      guard entry.length <= range.upperBound - position, Ustar.padded(entry.length) <= range.upperBound - position
      else {
        throw BundleError(.malformed, "\(name): the bundle is cut off within '\(entry.name)'")
      }
      index[entry.name] = (position, entry.length)
      position += Ustar.padded(entry.length)
    }
    self.file = file
    self.name = name
    self.index = index
  }

  public init(_ path: FilePath) throws(BundleError) {
    let file: OpenFile
    let length: Int64
    do throws(PosixError) {
      file = OpenFile(try FileDescriptor.readingFile(path))
      length = try file.descriptor.status(path.string).size
    } catch { throw BundleError(error) }
    try self.init(file, range: 0..<length, name: path.string)
  }

  public func metadata(named name: String, maximumLength: Int) async throws -> [UInt8]? {
    guard let place = index["metadata/\(name)"] else { return nil }
    guard place.length <= maximumLength else {
      throw BundleError(.mismatch, "\(name): larger than the \(maximumLength) bytes that are allowed")
    }
    var bytes = [UInt8](repeating: 0, count: Int(place.length))
    try Self.fill(&bytes, file, at: place.offset, name: name)
    return bytes
  }

  public func target(_ digest: SHA256Digest) throws(BundleError) -> UntrustedBytes? {
    index["targets/\(digest.hex)"].map {
      UntrustedBytes(file: file, offset: $0.offset, length: $0.length, name: "\(name) (target \(digest.hex))")
    }
  }

  /// Reads exactly `bytes.count` bytes; a file that shrinks meanwhile is an error.
  static func fill(_ bytes: inout [UInt8], _ file: OpenFile, at offset: Int64, name: String) throws(BundleError) {
    var done = 0
    while done < bytes.count {
      let count: Int
      do {
        count = try Self.read(&bytes, from: done, file, at: offset + Int64(done), name: name)
      } catch { throw BundleError(error) }
      guard count > 0 else { throw BundleError(.malformed, "\(name): the bundle is cut off") }
      done += count
    }
  }

  private static func read(_ bytes: inout [UInt8], from start: Int, _ file: OpenFile, at offset: Int64, name: String)
    throws(PosixError) -> Int
  {
    let result: Result<Int, PosixError> = bytes.withUnsafeMutableBytes { raw in
      let rest = UnsafeMutableRawBufferPointer(rebasing: raw[start...])
      do throws(PosixError) {
        return .success(try file.descriptor.read(at: offset, into: rest, path: name))
      } catch { return .failure(error) }
    }
    return try result.get()
  }
}
