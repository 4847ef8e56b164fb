import ArgumentParser
import Console
import Installation
import Prerequisites
import Product

/// The prerequisites of an installation: all are reported, the first failed one decides the exit code.
struct Checks {
  let command: SetupCommand
  let layout: Layout

  init(_ command: SetupCommand, _ layout: Layout) {
    self.command = command
    self.layout = layout
  }

  func run(_ offered: Offered) throws {
    var needs = PrerequisiteNeeds(rules: offered.product.prerequisites)
    needs.builtAt = Offered.earliest
    needs.elevation = layout.isHost
    // The staged tree and the root-only copy of the archive.
    needs.installationBytes = offered.treeBytes + offered.archiveBytes
    needs.installationInodes = offered.entries
    if !layout.isHost { needs.systemd = nil }
    let skip = Set(command.skip)
    if let refused = needs.refusedSkips(skip).first {
      throw Failure(
        .usage, name: "usage", "--skip \(refused.rawValue): this product requires that check",
        remedy: "meet it instead; `--check-only` says how")
    }
    let list = Checklist.run(
      needs: needs, facts: HostFacts.gather(root: layout.root, installingAt: layout.versions, for: needs), skip: skip)
    if command.json && command.checkOnly { Output.line(String(decoding: try list.json(), as: UTF8.self)) }
    if !command.quiet && !(command.json && command.checkOnly) { Output.tell(list.text()) }
    guard let first = list.failures.first else { return }
    if command.json && !command.checkOnly { Output.line(String(decoding: try list.json(), as: UTF8.self)) }
    Output.tell(Checklist.complaint(first, needs: needs))
    throw ArgumentParser.ExitCode(list.exitCode.rawValue)
  }
}
