import ArgumentParser
import Console
import Installation
import Product
import Updating

/// `slipway probe`: one health look, run as the agent's user.
struct ProbeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "probe", abstract: "Run one health probe of a service (as the prove unit asks for).",
    discussion: "Example: slipway probe --product room-agent --service agent")

  @OptionGroup var options: Options
  @Option(help: "The service's name in the product manifest.") var service: String
  @Flag(help: .hidden) var busy = false

  func run() async throws {
    let layout = try options.installed()
    let device = try options.device(layout)
    if busy { return try Output.document(try await BusyLook(device).look(at: service)) }
    try await HealthProbe(device).run(service: service)
  }
}
