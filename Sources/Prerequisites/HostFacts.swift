import Product
import TPMState

/// What was found on the device. Verdicts are made from this alone, so that a table can test them.
public struct HostFacts: Sendable, Equatable {
  /// Seconds that a check waited in vain for what it is judged by.
  public var unanswered: [Check: Int] = [:]

  /// Effective user id; 0 is root.
  public var user: UInt32 = 0
  /// nil where nobody looked.
  public var tpm: TPMFacts?
  /// Names in the local account file; nil where it cannot be read.
  public var accounts: Set<String>?
  /// Those of the accounts asked for that a directory service knows, local or not.
  public var directoryAccounts: Set<String> = []
  /// The file system of the versions' folder (the nearest folder there is); nil where it cannot be measured.
  public var versions: SpaceNeed.Volume?
  /// That of the state's folder, where downloads and their copies are.
  public var state: SpaceNeed.Volume?
  public var system: OSRelease?
  public var kernel: DottedVersion?
  /// nil: the C library is not glibc.
  public var glibc: DottedVersion?
  /// Those of the libraries asked for that can be loaded.
  public var libraries: Set<String> = []
  /// Those of the packages asked for that are installed; nil: no package database was found.
  public var packages: Set<String>?
  /// Whether systemd runs as the init of this machine.
  public var systemdRuns = false
  /// Its version, where it can be told.
  public var systemdVersion: Int?
  /// The wall clock, Unix seconds.
  public var now: Int64 = 0
  /// When the metadata that this device trusts was signed, Unix seconds; nil where there is none, or not for this user.
  public var trustedAt: Int64?
  public var network: NetworkFacts?
  /// The repository's clock less this device's, in seconds; nil when it was not asked or did not answer.
  public var repositoryAhead: Int64?

  public init() {}
}
