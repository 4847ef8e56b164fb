import SystemPackage

/// How one service is run: what both its unit file and the supervisor are made from.
public struct ProcessPlan: Sendable, Equatable {
  /// `burst` starts within `interval` seconds are allowed.
  public struct StartLimit: Sendable, Equatable {
    public let interval: Int64
    public let burst: Int
  }

  public enum Kind: Sendable, Equatable {
    /// Always running; started again `restartDelay` seconds after its end. Killed when a stop takes over `stopLimit` seconds.
    case agent(restartDelay: Int64, stopLimit: Int64)
    /// Runs to its end, within so many seconds. Codes in `expected` are answers, not failures.
    case task(limit: Int, expected: [Int])
  }

  public let unit: String
  public let kind: Kind
  /// An absolute path of the device, then its arguments.
  public let command: [String]
  /// nil: root.
  public let user: String?
  public var environment: [String: String] = [:]
  public var directory: FilePath?
  public var folders: [ServiceFolder] = []
  /// Whether the supervisor gives it a network namespace of its own.
  public var offline = false
  public var startLimit: StartLimit?
  /// Whether rescue is called when it fails.
  public var rescued = false
  public let sandbox: Sandbox

  /// Names the boot to the updater's processes: 32 hexadecimal digits.
  ///
  /// Several sandbox settings mount /proc anew, and in a container /proc/sys/kernel/random/boot_id then shows the host's.
  /// PID 1 knows better. The supervisor gives each of its runs an id of its own: to its product, each is a boot.
  public static let bootIDVariable = "SLIPWAY_BOOT_ID"

  /// Codes of the contract that say "refused", "later" or "not now": nothing that rescue could mend.
  static let answers = [2, 20, 21, 22, 23, 24, 30, 32, 40, 70, 75]

  var umask: UInt32 { sandbox["UMask"].flatMap { UInt32($0, radix: 8) } ?? 0o022 }
  var noNewPrivileges: Bool { sandbox["NoNewPrivileges"] == "yes" }
}

extension ProcessPlan {
  /// Whether it keeps the books of probation and boots.
  var countsBoots: Bool { !isAgent && user == nil }
  var isAgent: Bool { if case .agent = kind { true } else { false } }
}
