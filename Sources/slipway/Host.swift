import Glibc
import Installation
import Prerequisites
import Product
import SystemPackage

/// What kind of machine and caller this is.
enum Host {
  static var isRoot: Bool { geteuid() == 0 }
  static var hasSystemd: Bool { access("/run/systemd/system", F_OK) == 0 }
  static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 && isatty(STDIN_FILENO) == 1 }

  static var notElevated: Failure {
    Failure(
      .notElevated, name: "notElevated", String(KnownMessage.notElevated.dropFirst("ERROR: ".count)),
      remedy: "run it again with sudo")
  }

  /// Whether something can start services: systemd, or a `slipway run` below that root.
  static func canStartServices(_ layout: Layout) -> Bool {
    if layout.isHost && hasSystemd { return true }
    return access(layout.run.appending("supervisor.sock").string, F_OK) == 0
  }
}
