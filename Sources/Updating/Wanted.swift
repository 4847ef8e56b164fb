import Bundles
import Posix
import Product

/// What apply tells fetch to bring, and what fetch compares with, since it cannot read what is trusted. Root-owned.
public struct Wanted: Codable, Sendable, Equatable {
  public struct Known: Codable, Sendable, Equatable {
    public var version: Int
    public var sha256: String

    public init(version: Int, sha256: String) {
      self.version = version
      self.sha256 = sha256
    }
  }

  public var schema = "slipway.wanted/1"
  /// The trusted root's version: fetch asks for the next one.
  public var rootVersion: Int
  /// The trusted metadata by role; absent roles have never been seen.
  public var metadata: [String: Known]
  /// Small targets that come along with the metadata that names them: policy and channel.
  public var follow: [String]
  /// SHA-256 of the small targets that are kept already.
  public var kept: [String]
  /// Release targets to download; empty when there is nothing to do.
  public var targets: [TargetReference]
  /// Where the policy says that the repository has moved to.
  public var movedTo: RepositoryLocations?
  /// The admin's wishes (``Device/configurationDigest``) that this was decided by.
  public var configuration: String?
  /// When the decision would be another one even if nothing changes.
  public var again: Timestamp?

  public init(
    rootVersion: Int, metadata: [String: Known], follow: [String], kept: [String], targets: [TargetReference],
    movedTo: RepositoryLocations? = nil, configuration: String? = nil, again: Timestamp? = nil
  ) {
    self.rootVersion = rootVersion
    self.metadata = metadata
    self.follow = follow
    self.kept = kept
    self.targets = targets
    self.movedTo = movedTo
    self.configuration = configuration
    self.again = again
  }

  /// Seconds after which everything is decided anew, whatever `again` says: a clock that was wrong once must cost no more.
  static let life: Int64 = 86_400

  /// Whether it was decided too long ago, or under a clock that was ahead of what it says now.
  static func isOld(_ file: FileStatus?, now: Int64 = HostClock.wallSeconds()) -> Bool {
    guard let file else { return true }
    return file.modified > now || now - file.modified >= life
  }

  /// More than apply ever wants; a bound for reading.
  static let limit = 1 << 20
}
