import Product

/// What an installation asks of the device: the product's own rules, and what Slipway itself cannot do without.
public struct PrerequisiteNeeds: Sendable, Equatable {
  public var rules: PrerequisiteRules
  /// False for a run that installs for the calling user below `--root`.
  public var elevation = true
  /// What the installation takes at its peak, and what the product wants to stay free.
  public var space: SpaceNeed
  /// The glibc that the executables were built for.
  public var glibc = DottedVersion(2, 36)
  /// Shared libraries that the executables load.
  public var libraries = ["libgcc_s.so.1"]
  /// openat2(2), which confines every access to untrusted names.
  public var kernel = DottedVersion(5, 6)
  /// The oldest systemd that the units work with; nil where none is needed (`--root`, `slipway run`).
  public var systemd: Int? = 250
  /// When the executable was built, Unix seconds: an earlier clock is wrong.
  public var builtAt: Int64 = 0

  /// - Parameters: of the release that is to be installed; nothing for a device that has it.
  public init(
    rules: PrerequisiteRules = PrerequisiteRules(), archiveBytes: Int64 = 0, treeBytes: Int64 = 0, inodes: Int64 = 0
  ) {
    self.rules = rules
    space = SpaceNeed(
      archiveBytes: archiveBytes, treeBytes: treeBytes, inodes: inodes, spare: rules.diskMinimumBytes)
  }

  /// Whether `--skip` may not leave the check out.
  public func requires(_ check: Check) -> Bool {
    switch check {
    case .elevation: elevation
    case .tpm: rules.tpm == .required || rules.required.contains(.tpm)
    default: rules.required.contains(check)
    }
  }

  /// Those of `skip` that must not be skipped; naming them is a usage error.
  public func refusedSkips(_ skip: Set<Check>) -> [Check] {
    Check.allCases.filter { skip.contains($0) && requires($0) }
  }
}
