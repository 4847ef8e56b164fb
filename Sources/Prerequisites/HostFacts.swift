/// What was found on the device. Verdicts are made from this alone, so that a table can test them.
public struct HostFacts: Sendable, Equatable {
  /// Effective user id; 0 is root.
  public var user: UInt32 = 0
  /// Names in the local account file; nil where it cannot be read.
  public var accounts: Set<String>?
  /// The folder whose file system was measured, the nearest one there is.
  public var diskPath = "/"
  /// Free for the caller, in bytes; nil where it cannot be measured.
  public var freeBytes: Int64?
  /// `Int64.max` where the file system does not count them.
  public var freeInodes: Int64 = .max
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

  public init() {}
}
