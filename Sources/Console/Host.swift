import Glibc
import Installation
import Prerequisites
import Product
import SystemPackage

/// What kind of machine and caller this is.
public enum Host {
  public static var isRoot: Bool { geteuid() == 0 }
  public static var hasSystemd: Bool { access("/run/systemd/system", F_OK) == 0 }
  public static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 && isatty(STDIN_FILENO) == 1 }

  public static var notElevated: Failure {
    Failure(
      .notElevated, name: "notElevated", String(KnownMessage.notElevated.dropFirst("ERROR: ".count)),
      remedy: "run it again with sudo")
  }

  /// The user's language from LANG (`de_DE.UTF-8`), for texts that a product has in several.
  public static var language: String {
    let value = getenv("LC_ALL") ?? getenv("LANG")
    return value.map { String(decoding: String(cString: $0).utf8.prefix { $0 != 95 && $0 != 46 }, as: UTF8.self) }
      ?? "en"
  }

  /// Whether something can start services: systemd, or a `slipway run` below that root.
  public static func canStartServices(_ layout: Layout) -> Bool {
    if layout.isHost && hasSystemd { return true }
    return access(layout.run.appending("supervisor.sock").string, F_OK) == 0
  }
}
