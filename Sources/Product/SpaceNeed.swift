/// What an installation or an update takes of the disk at its peak: one formula for the check beforehand and for the look
/// just before anything is written.
public struct SpaceNeed: Sendable, Equatable {
  /// Free space as it was measured for one folder.
  public struct Volume: Sendable, Equatable {
    public var folder: String
    /// Folders of one file system have the same.
    public var device: UInt64
    /// Free for the caller, in bytes.
    public var freeBytes: Int64
    /// `Int64.max` where the file system does not count them.
    public var freeInodes: Int64

    public init(folder: String, device: UInt64, freeBytes: Int64, freeInodes: Int64 = .max) {
      self.folder = folder
      self.device = device
      self.freeBytes = freeBytes
      self.freeInodes = freeInodes
    }
  }

  /// What one file system must have.
  public struct Demand: Sendable, Equatable {
    public let volume: Volume
    public let bytes: Int64
    public let inodes: Int64

    public var missingBytes: Int64 { max(0, bytes - volume.freeBytes) }
    public var missingInodes: Int64 { max(0, inodes - volume.freeInodes) }
    public var isMet: Bool { missingBytes == 0 && missingInodes == 0 }

    /// What is there and what is needed, for people; never less than it is.
    public var description: String {
      missingInodes > 0 && missingBytes == 0
        ? "\(volume.freeInodes) inodes free at \(volume.folder), \(inodes) needed"
        : "\(volume.freeBytes / 1_000_000) MB free at \(volume.folder), \(Self.megabytes(bytes)) needed"
    }

    /// What an admin can do about it.
    public var remedy: String {
      missingBytes > 0
        ? "free \(Self.megabytes(missingBytes)) on the file system of \(volume.folder) (`du -xh \(volume.folder) | sort -h`), then try again"
        : "remove files that are not needed from the file system of \(volume.folder) (it has no inodes left), then try again"
    }

    private static func megabytes(_ bytes: Int64) -> String {
      "\(bytes / 1_000_000 + (bytes % 1_000_000 > 0 ? 1 : 0)) MB"
    }
  }

  /// Left for the machine on each file system: 64 MiB.
  static let reserve: Int64 = 64 << 20

  let tree: Int64
  let copies: Int64
  let inodes: Int64

  /// Three copies count: the download and its root-only copy below /var/lib, and the extracted tree below /opt.
  ///
  /// - Parameter spare: bytes to stay free besides.
  public init(archiveBytes: Int64 = 0, treeBytes: Int64 = 0, inodes: Int64 = 0, spare: Int64 = 0) {
    // A file takes whole blocks of 4 KiB: half a block more each on average.
    let (blocks, overflow) = inodes.multipliedReportingOverflow(by: 2048)
    tree = Self.sum(treeBytes, overflow ? .max : blocks, spare, Self.reserve)
    copies = Self.sum(archiveBytes, archiveBytes)
    self.inodes = Self.sum(inodes, 64)
  }

  /// What the file systems of the two folders must have; one demand where both are on the same.
  public func demands(versions: Volume, state: Volume) -> [Demand] {
    if versions.device == state.device {
      return [Demand(volume: versions, bytes: Self.sum(tree, copies), inodes: inodes)]
    }
    return [
      Demand(volume: versions, bytes: tree, inodes: inodes),
      Demand(volume: state, bytes: Self.sum(copies, Self.reserve), inodes: 64),
    ]
  }

  private static func sum(_ parts: Int64...) -> Int64 {
    parts.reduce(0) { sum, part in
      let (result, overflow) = sum.addingReportingOverflow(part)
      return overflow ? .max : result
    }
  }
}
