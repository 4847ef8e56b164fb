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

  /// A check that the product requires is never left out; said before anything is unpacked.
  func refuseSkips(_ offered: Offered) throws {
    guard let refused = needs(offered).refusedSkips(Set(command.skip)).first else { return }
    throw Failure(
      .usage, name: "usage", "--skip \(refused.rawValue): this product requires that check",
      remedy: "meet it instead; `--check-only` says how")
  }

  func run(_ offered: Offered, by program: CheckProgram) throws {
    if !command.quiet && !command.json { Output.tell("Checking this device") }
    let list = try program.run(arguments(offered))
    if command.json && command.checkOnly { Output.line(String(decoding: try list.json(), as: UTF8.self)) }
    if !command.quiet && !(command.json && command.checkOnly) { Output.tell(list.text()) }
    guard let first = list.failures.first else { return }
    if command.json && !command.checkOnly { Output.line(String(decoding: try list.json(), as: UTF8.self)) }
    Output.tell(Checklist.complaint(first, needs: needs(offered)))
    throw ArgumentParser.ExitCode(list.exitCode.rawValue)
  }

  private func needs(_ offered: Offered) -> PrerequisiteNeeds {
    var needs = PrerequisiteNeeds(rules: offered.product.prerequisites)
    needs.elevation = layout.isHost
    return needs
  }

  private func arguments(_ offered: Offered) -> [String] {
    var arguments = [
      "--root", layout.root.string, "--archive-bytes", "\(offered.targets.archive.length)", "--tree-bytes",
      "\(offered.treeBytes)", "--inodes", "\(offered.entries)",
    ]
    if let issued = offered.issued { arguments += ["--issued", "\(issued)"] }
    if let config = command.config { arguments += ["--config", command.absolute(config).string] }
    arguments += command.repository.flatMap { ["--repository", $0.rawValue] }
    return arguments + command.skip.flatMap { ["--skip", $0.rawValue] }
  }
}
