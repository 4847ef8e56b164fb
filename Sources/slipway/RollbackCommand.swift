import ArgumentParser
import Console
import Product
import Updating

/// `slipway rollback`: back to a kept version.
struct RollbackCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback", abstract: "Go back to a kept version; the one left becomes known-bad.",
    discussion: """
      Example: sudo slipway rollback --to 1.4.2
      Example: sudo slipway rollback --keep-good
      With --keep-good the version left is only avoided: newer ones are taken as usual, and `slipway unpin` takes it back.
      A version that the publisher has blocked or halted, or that is below the floor, is not gone back to (exit code 70).
      """)

  struct Document: Encodable {
    let schema = "slipway.rollback/1"
    let result = "rolledBack"
    let version: String
    /// The version that was left, if it is avoided and not known-bad.
    let avoided: String?
  }

  @OptionGroup var options: Options
  @Option(help: "The version to go back to (default: the previous one).") var to: String?
  @Flag(help: "Avoid the version that is left, instead of noting it as known-bad.") var keepGood = false

  func run() async throws {
    let device = try options.changer()
    var left: SemanticVersion?
    let avoid = { (version: SemanticVersion) in
      left = version
      try LocalConfiguration(device).change { wishes in
        wishes.avoided = (wishes.avoided ?? []).filter { $0 != version } + [version]
      }
    }
    let version = try await ManualRollback(device).run(
      to: try to.map { try PinCommand.parse($0, example: "slipway rollback --to 1.4.2") }, keep: keepGood ? avoid : nil)
    if options.json {
      return try Output.document(Document(version: version.description, avoided: left?.description))
    }
    Output.line("\(device.layout.product) is back at \(version)\(left.map { "; \($0) is avoided" } ?? "")")
  }
}
