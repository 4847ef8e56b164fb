import Cryptography
import Posix
import SystemPackage

/// Files of a folder that nothing on this device could make again, kept twice: as they are, for whoever reads them, and
/// as a copy behind its own SHA-256 in a folder beside. A whole copy counts: it is written first, so it is never the older.
public struct MirroredFiles: Sendable {
  public let folder: FilePath
  let copies: FilePath

  public init(_ folder: FilePath, copies: FilePath) {
    self.folder = folder
    self.copies = copies
  }

  private static let digestLength = 64

  /// The copy's bytes; nil unless it is there and whole.
  func copy(_ name: String, limit: Int) -> [UInt8]? {
    guard let text = try? Directory.open(copies).read(name, limit: limit + Self.digestLength + 1),
      text.count > Self.digestLength, text[Self.digestLength] == UInt8(ascii: "\n")
    else { return nil }
    let bytes = Array(text[(Self.digestLength + 1)...])
    guard let digest = try? sha256(bytes).hex, text.prefix(Self.digestLength).elementsEqual(digest.utf8) else {
      return nil
    }
    return bytes
  }

  /// The bytes of `name`; nil where neither copy nor file is there.
  public func read(_ name: String, limit: Int) throws(PosixError) -> [UInt8]? {
    if let bytes = copy(name, limit: limit) { return bytes }
    return try Directory.open(folder).read(name, limit: limit)
  }

  /// Writes both, the copy first.
  public func write(_ bytes: [UInt8], _ name: String) throws {
    try writeCopy(bytes, name)
    try DurableFile.write(bytes, name, in: try Directory.open(folder))
  }

  func writeCopy(_ bytes: [UInt8], _ name: String) throws {
    let parent = try Directory.open(copies.removingLastComponent())
    let mode = try Directory.open(folder).status().mode & 0o777
    let into = try parent.makeDirectory(copies.lastComponent?.string ?? "", mode: mode)
    if let there = try into.status(name), there.kind != .file { try into.removeTree(name) }
    try DurableFile.write(Array((try sha256(bytes).hex + "\n").utf8) + bytes, name, in: into)
  }

  public func remove(_ name: String) throws(PosixError) {
    try Directory.open(folder).removeTree(name)
    do { try Directory.open(copies).removeTree(name) } catch { if !error.isNotFound { throw error } }
  }

  /// What became of a file that was looked at.
  public enum Finding: Sendable, Equatable {
    case sound
    /// The file was not what had been written; it is again.
    case restored
    /// The copy was not.
    case copied
    /// Neither was; what stood in the file's place is set aside.
    case lost
    /// Nothing of that name is there.
    case absent
  }

  /// Makes file and copy the same again. For who holds the product's lock.
  ///
  /// - Parameter accepts: whether bytes without a copy are what they must be.
  public func mend(_ name: String, limit: Int, accepts: ([UInt8]) -> Bool) throws -> Finding {
    let folder = try Directory.open(folder)
    let plain = try? folder.read(name, limit: limit)
    if let bytes = copy(name, limit: limit) {
      if plain == bytes { return .sound }
      try folder.setAside(name)
      try DurableFile.write(bytes, name, in: folder)
      return .restored
    }
    if let plain, accepts(plain) {
      try writeCopy(plain, name)
      return .copied
    }
    let wasThere = try folder.status(name) != nil
    try folder.setAside(name)
    if let copies = try? Directory.open(copies) { try copies.removeTree(name) }
    return wasThere ? .lost : .absent
  }
}
