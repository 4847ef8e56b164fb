import ArgumentParser
import Console
import Product
import Updating

/// `slipway rollback`: back to a kept version.
struct RollbackCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback", abstract: "Go back to a kept version; the one left becomes known-bad.",
    discussion: "Example: sudo slipway rollback --to 1.4.2")

  struct Document: Encodable {
    let schema = "slipway.rollback/1"
    let result = "rolledBack"
    let version: String
  }

  @OptionGroup var options: Options
  @Option(help: "The version to go back to (default: the previous one).") var to: String?

  func run() async throws {
    try options.requireRoot()
    let device = try options.device(try options.installed())
    let version = try await ManualRollback(device).run(to: try to.map { try SemanticVersion($0) })
    if options.json { return try Output.document(Document(version: version.description)) }
    Output.line("\(device.layout.product) is back at \(version)")
  }
}
