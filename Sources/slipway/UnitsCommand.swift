import ArgumentParser
import Console
import Posix
import Product
import Services
import SystemPackage

/// `slipway units`: the unit files that installing a product would write, for reading.
struct UnitsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "units", abstract: "Write the units that installing a product would write.",
    discussion: "Example: slipway units --manifest room-agent.toml --output units")

  @Option(help: "The product manifest (TOML).") var manifest: String
  @Option(help: "The folder to write into; made if missing.") var output: String

  func run() throws {
    let product = try ManifestFile.read(manifest)
    let path = FilePathArgument.resolved(output)
    let parent = try Directory.open(path.removingLastComponent())
    let folder = try parent.makeDirectory(path.lastComponent?.string ?? output, mode: 0o755)
    let files = try Units.all(product, UnitPaths(product.id)) + [Units.sysusers(product)]
    for file in files {
      try DurableFile.write(Array(file.text.utf8), file.name, in: folder)
      Output.line(path.appending(file.name).string)
    }
  }
}
