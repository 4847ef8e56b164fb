import Cryptography

/// What a release's tree consists of, exactly: every entry with type, mode, size and SHA-256 or link target. Signed as a
/// target, it bounds what an archive may unpack and seals what is installed. JSON, schema `slipway.tree/1`.
///
/// Owner root:root, modification time 0 and the absence of extended attributes hold for every tree and are not spelt out.
public struct TreeManifest: Sendable, Equatable {
  public static let schema = "slipway.tree/1"

  public let id: String
  public let version: String
  public let platform: String
  /// Sorted by the bytes of their paths, so a directory comes before what is in it.
  public let entries: [Entry]
  /// Files that may carry setuid or setgid, sorted.
  public let specialModes: [EntryPath]
  public let totals: Totals

  /// What the tree takes.
  public struct Totals: Sendable, Equatable, Codable {
    /// Sum of the files' sizes, in bytes.
    public let bytes: Int64
    /// Number of entries; the root of the tree is not counted.
    public let inodes: Int64
  }

  /// One path of the tree.
  public struct Entry: Sendable, Equatable {
    public let path: EntryPath
    public let kind: Kind

    public enum Kind: Sendable, Equatable {
      /// Size in bytes; mode 0444 or 0555, with setuid or setgid only for what `specialModes` lists.
      case file(mode: UInt32, size: Int64, sha256: SHA256Digest)
      /// Mode 0555.
      case directory
      /// The target as readlink(2) gives it.
      case link(target: String)
    }

    public init(_ path: EntryPath, _ kind: Kind) {
      self.path = path
      self.kind = kind
    }
  }

  /// Mode of every directory.
  public static let directoryMode: UInt32 = 0o555

  /// Checks the entries and adds them up; the order in which they are given does not matter.
  ///
  /// Errors name the entry: duplicate, missing (a parent directory), belowLink, escapingLink, wrongMode, specialMode,
  /// wrongSize, tooLarge (the sum overflows).
  public init(id: String, version: String, platform: String, entries: [Entry], specialModes: Set<EntryPath> = [])
    throws(ArchiveError)
  {
    try self.init(
      id: id, version: version, platform: platform, sorted: entries.sorted { $0.path < $1.path },
      specialModes: specialModes.sorted())
  }

  init(id: String, version: String, platform: String, sorted entries: [Entry], specialModes: [EntryPath])
    throws(ArchiveError)
  {
    totals = try Self.check(entries, specialModes: Set(specialModes))
    self.id = id
    self.version = version
    self.platform = platform
    self.entries = entries
    self.specialModes = specialModes
  }

  /// Where `path` stands in `entries`, by binary search.
  func index(of path: EntryPath) -> Int? {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].path < path { low = middle + 1 } else { high = middle }
    }
    return low < entries.count && entries[low].path == path ? low : nil
  }

  /// The nearest symbolic link above `path`, if there is one.
  func linkAbove(_ path: EntryPath) -> EntryPath? {
    var above = path.parent
    while let here = above {
      if let index = index(of: here), case .link = entries[index].kind { return here }
      above = here.parent
    }
    return nil
  }
}
