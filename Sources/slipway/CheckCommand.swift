import ArgumentParser
import Console
import Installation
import Posix
import Prerequisites
import Product
import Services
import SystemPackage
import Updating

/// `slipway check`: the prerequisites, each with verdict, reason and remedy.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Check what the product needs of this device.",
    discussion: "Example: slipway check --manifest room-agent.toml --json")

  @OptionGroup var options: Options
  @Option(help: "Of a product that is not installed yet (TOML).") var manifest: String?

  func run() throws {
    let product = try manifest.map(ManifestFile.read) ?? Device.currentManifest(try options.installed())
    let layout = Layout(root: options.rootPath, product: product.id)
    var needs = PrerequisiteNeeds(rules: product.prerequisites)
    needs.builtAt = Build.earliest
    needs.elevation = false
    if !layout.isHost { needs.systemd = nil }
    let facts = HostFacts.gather(root: layout.root, installingAt: layout.versions, for: needs)
    let list = Checklist.run(needs: needs, facts: facts)
    if options.json {
      Output.line(String(decoding: try list.json(), as: UTF8.self))
    } else {
      Output.line(list.text())
    }
    guard let first = list.failures.first else { return }
    Output.tell(Checklist.complaint(first, needs: needs))
    throw ArgumentParser.ExitCode(list.exitCode.rawValue)
  }
}
