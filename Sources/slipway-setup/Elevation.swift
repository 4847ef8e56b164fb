import Console
import Glibc
import Installation
import SystemPackage

/// Runs this very file again as root, after asking; with --quiet it is an error instead.
struct Elevation {
  let command: SetupCommand
  let layout: Layout

  init(_ command: SetupCommand, _ layout: Layout) {
    self.command = command
    self.layout = layout
  }

  var isNeeded: Bool { layout.isHost && !Host.isRoot }

  func require() throws {
    guard isNeeded else { return }
    let helpers: [String] = ["/usr/bin/sudo", "/usr/bin/pkexec"]
    guard !command.quiet, Host.isTerminal, let helper = helpers.first(where: { access($0, X_OK) == 0 }),
      Output.ask("Administrator rights are needed. Run again with \(FilePath(helper).lastComponent?.string ?? helper)?")
    else { throw Host.notElevated }
    var path = [UInt8](repeating: 0, count: 4096)
    let count = path.withUnsafeMutableBytes { raw in
      raw.bindMemory(to: CChar.self).baseAddress.map { readlink("/proc/self/exe", $0, raw.count) } ?? -1
    }
    guard count > 0 else { throw Host.notElevated }
    let file = String(decoding: path.prefix(count), as: UTF8.self)
    // The licence was accepted here; everything else is asked and verified anew by the elevated run.
    Handover.replaceProcess(by: helper, [helper, file] + CommandLine.arguments.dropFirst() + ["--accept-license"])
    throw Host.notElevated
  }
}
