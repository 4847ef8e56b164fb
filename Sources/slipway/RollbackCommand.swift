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
    let device = try options.changer()
    let version = try await ManualRollback(device).run(to: try wish())
    try report(device, version)
  }

  private func wish() throws -> SemanticVersion? { try to.map { try SemanticVersion($0) } }

  private func report(_ device: Device, _ version: SemanticVersion) throws {
    if options.json { return try Output.document(Document(version: version.description)) }
    Output.line("\(device.layout.product) is back at \(version)")
  }
}
