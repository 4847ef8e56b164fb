import Cryptography
import Posix
import SystemPackage

/// The root-only folder through which every target enters: copied there, the copy hashed, and only then looked at.
///
/// Renaming somebody else's folder aside takes away its path, not the descriptors its owner still holds; the copy is
/// the first thing that nobody else can change (the lesson of RAUC's CVE-2020-25860).
public struct Intake: Sendable {
  public let directory: Directory

  public init(_ directory: Directory) { self.directory = directory }

  /// The verified copy of a target, open for reading at its start.
  ///
  /// - Parameter length: the signed length in bytes; not one more is copied.
  /// - Throws: `missing` when `source` does not bring it, `mismatch` when length or hash differ.
  public func take(_ digest: SHA256Digest, length: Int64, from source: some BundleSource) throws(BundleError)
    -> OpenFile
  {
    if let kept = try kept(digest, length: length) { return kept }
    guard let offered = try source.target(digest) else {
      throw BundleError(.missing, "the bundle does not bring the target \(digest.hex)")
    }
    guard offered.length == length else {
      throw BundleError(.mismatch, "\(offered.name): \(offered.length) bytes, but \(length) are signed")
    }
    do {
      if try directory.status(digest.hex) != nil { try directory.unlink(digest.hex) }
      let copy = OpenFile(try directory.create(digest.hex, mode: 0o600))
      try Self.copy(offered, to: copy)
      guard try Self.digest(of: copy, length: length, name: offered.name) == digest else {
        try directory.unlink(digest.hex)
        throw BundleError(.mismatch, "\(offered.name): its SHA-256 is not the signed \(digest.hex)")
      }
      return copy
    } catch let error as BundleError {
      throw error
    } catch let error as PosixError {
      throw BundleError(error)
    } catch {
      throw BundleError(.fileSystem, "\(offered.name): \(error)")
    }
  }

  /// Whether `digest` has been taken in before and is still whole.
  public func kept(_ digest: SHA256Digest, length: Int64) throws(BundleError) -> OpenFile? {
    do {
      guard let status = try directory.status(digest.hex), status.kind == .file, status.size == length else {
        return nil
      }
      let file = OpenFile(try directory.open(digest.hex))
      return try Self.digest(of: file, length: length, name: digest.hex) == digest ? file : nil
    } catch let error as PosixError {
      throw BundleError(error)
    } catch {
      throw BundleError(.fileSystem, "\(error)")
    }
  }

  /// The bytes of a small target.
  public func bytes(_ digest: SHA256Digest, length: Int64, from source: some BundleSource) throws(BundleError)
    -> [UInt8]
  {
    let file = try take(digest, length: length, from: source)
    var bytes = [UInt8](repeating: 0, count: Int(length))
    try FileBundle.fill(&bytes, file, at: 0, name: digest.hex)
    return bytes
  }

  /// Removes all copies but `keep`.
  public func clear(keeping keep: Set<SHA256Digest> = []) throws(BundleError) {
    let names = Set(keep.map(\.hex))
    do {
      for name in try directory.names() where !names.contains(name) { try directory.removeTree(name) }
    } catch { throw BundleError(error) }
  }

  private static func copy(_ offered: UntrustedBytes, to copy: OpenFile) throws {
    if offered.offset == 0, copy.descriptor.reflink(from: offered.file.descriptor) {
      // The clone is of whatever the file was at that instant; its length is looked at again before it is hashed.
      return
    }
    try BundleWriter.copy(
      offered.file, offered.offset..<(offered.offset + offered.length), to: copy.descriptor, name: offered.name)
  }

  private static func digest(of file: OpenFile, length: Int64, name: String) throws -> SHA256Digest? {
    guard try file.descriptor.status(name).size == length else { return nil }
    var digest = try Digest(.sha256)
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    var position: Int64 = 0
    while position < length {
      let count = try buffer.withUnsafeMutableBytes { try file.descriptor.read(at: position, into: $0, path: name) }
      guard count > 0 else { return nil }
      try digest.update(Array(buffer[..<count]))
      position += Int64(count)
    }
    return SHA256Digest(bytes: try digest.finish())
  }
}
