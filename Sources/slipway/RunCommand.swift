import ArgumentParser
import Console
import Installation
import Product
import Services
import Updating

/// `slipway run`: everything in the foreground, for hosts without systemd.
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Supervise a product in the foreground, on hosts without systemd.",
    discussion: """
      Example: slipway run --root /srv/device --product room-agent
      Started as root, every part runs under its own user and apply without network; otherwise all run as the caller,
      and `status` says "isolation":"none".
      """)

  @OptionGroup var options: Options
  @Option(help: "Seconds between polls (default: as the product says).") var interval: Double?
  @Option(help: "Seconds from the start to the first poll.") var firstPoll: Double = 10
  @Option(help: "Seconds between looks at a version on probation.") var proveInterval: Double = 10

  func run() async throws {
    let layout = try options.installed()
    let paths = UnitPaths(layout.product, root: layout.root)
    var settings = SupervisorSettings(paths, log: { Output.tell($0) }) {
      var manifest = try Device.currentManifest(layout)
      if let wishes = try? Configuration.load(layout) { manifest.updates = wishes.updates(for: manifest) }
      return manifest
    }
    settings.fetchInterval = interval
    settings.firstFetch = firstPoll
    settings.proveInterval = proveInterval
    settings.firstProve = min(30, proveInterval * 3)
    try await Supervisor(settings).run()
  }
}
