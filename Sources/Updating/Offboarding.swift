import Installation
import Posix
import Product
import Services
import SystemPackage

/// Gives the machine back. The work itself is done by `offboard.sh`, the same script that works without this binary:
/// one way out, tested once.
public struct Offboarding: Sendable {
  public struct Wishes: Sendable {
    public var keepLogs = false
    public var keepData = false
    public var dryRun = false

    public init(keepLogs: Bool = false, keepData: Bool = false, dryRun: Bool = false) {
      self.keepLogs = keepLogs
      self.keepData = keepData
      self.dryRun = dryRun
    }
  }

  let layout: Layout

  public init(_ layout: Layout) { self.layout = layout }

  /// Runs the product's own hooks; one that fails is told and does not keep anybody from leaving.
  public func runHooks(_ device: Device, say: (String) -> Void) async {
    guard let manifest = try? Device.currentManifest(layout) else { return }
    for hook in manifest.offboarding {
      guard let program = hook.command.first else { continue }
      let path = device.paths.current.appending(program).string
      let job = TransientJob(
        command: [path] + hook.command.dropFirst(), user: hook.user, timeLimit: Double(hook.timeoutSeconds))
      do {
        let result = try await device.services.run(job)
        if !result.isSuccess { say("the product's hook \(program) failed; going on") }
      } catch {
        say("the product's hook \(program) could not be run (\(error)); going on")
      }
    }
  }

  /// - Returns: the script's exit code and what it printed, a line a step.
  public func run(_ wishes: Wishes) async throws -> (code: Int32, lines: [String]) {
    var arguments = ["--yes", "--root", layout.root.string]
    if wishes.keepLogs { arguments.append("--keep-logs") }
    if wishes.keepData { arguments.append("--keep-data") }
    if wishes.keepLogs, !wishes.dryRun { keepHistory() }
    if wishes.dryRun { arguments.append("--dry-run") }
    let script = String(decoding: PackageResources.offboard_sh, as: UTF8.self)
    let outcome = try await Command.run(
      "/bin/sh", ["-c", script, "offboard.sh"] + arguments + [layout.product.text], patience: 300, outputLimit: 1 << 20)
    let lines = String(decoding: outcome.output, as: UTF8.self).split(separator: "\n").map(String.init)
    return (outcome.status ?? 1, lines)
  }

  /// Beside the logs that stay, since it goes with the state.
  private func keepHistory() {
    guard let state = try? Directory.open(layout.state), let logs = try? Directory.open(layout.logs) else { return }
    for name in [HistoryFile.older, HistoryFile.name] {
      guard let bytes = try? state.read(name, limit: 2 * HistoryFile.limit) else { continue }
      try? DurableFile.write(bytes, name, in: logs)
    }
  }
}
