import Product
import SystemPackage

/// Where one product lives. The folders are written as the device sees them; `host(_:)` puts the root before them.
public struct UnitPaths: Sendable, Equatable {
  /// "/" on a device; a scratch folder in tests, demos and image builds.
  public let root: FilePath
  public let id: ProductID

  public init(_ id: ProductID, root: FilePath = "/") {
    self.id = id
    self.root = root
  }

  public var opt: FilePath { FilePath("/opt/slipway").appending(id.text) }
  public var current: FilePath { opt.appending("current") }
  public var proven: FilePath { opt.appending("proven") }
  public var state: FilePath { FilePath("/var/lib/slipway").appending(id.text) }
  public var logs: FilePath { FilePath("/var/log/slipway").appending(id.text) }
  public var runtime: FilePath { FilePath("/run/slipway").appending(id.text) }
  public var configuration: FilePath { FilePath("/etc/slipway").appending(id.text) }
  public var units: FilePath { "/etc/systemd/system" }

  /// Raised by fetch, claimed by apply.
  public var ready: FilePath { state.appending("fetch").appending("ready") }
  /// There while a version is on probation: made by apply before the switch, removed by whoever ends the probation.
  public var proving: FilePath { state.appending("proving-pending") }
  /// There while a staged version waits to be switched to.
  public var waiting: FilePath { state.appending(UnitPaths.waitingFlag) }
  public static let waitingFlag = "switch-pending"
  /// Where the agent asks for a poll, by making or touching this file in its own folder below /run.
  public var updateRequest: FilePath { FilePath("/run").appending(id.text).appending("update-request") }
  /// Holds the boot id of the last boot that ended in order: 32 hexadecimal digits and a line feed.
  public var cleanShutdown: FilePath { state.appending("clean-shutdown") }
  public var supervisorSocket: FilePath { runtime.appending("supervisor.sock") }
  /// Where proxy scripts are evaluated, under systemd. Root and fetch may connect.
  public var pacSocket: FilePath { runtime.appending("pac.sock") }
  /// Where the device's key in the TPM is asked for a signature. Root and fetch may connect; fetch alone is served.
  public var signerSocket: FilePath { runtime.appending("tpm.sock") }
  /// The updater that judges: the one that has proved itself.
  public var updater: FilePath { proven.appending("slipway/bin/slipway") }

  /// `path` as the processes of this host reach it.
  public func host(_ path: FilePath) -> FilePath {
    root == "/" ? path : root.pushing(path.removingRoot())
  }
}
