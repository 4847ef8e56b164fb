import ArgumentParser
import Console
import Installation
import Posix
import Product
import Proxies
import Updating

/// `slipway proxy`: the way out to servers.
struct ProxyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "proxy", abstract: "Show, set and try the way out to servers.",
    discussion: """
      Example: slipway proxy show
      Example: sudo slipway proxy set manual proxy.example.com:3128 --bypass '<local>,.example.com,10.0.0.0/8'
      Example: sudo slipway proxy test https://updates.example.com/
      """,
    subcommands: [
      ProxyShowCommand.self, ProxySetCommand.self, ProxyResetCommand.self, ProxyCredentialsCommand.self,
      ProxyTestCommand.self,
    ])
}

/// `slipway proxy show`: what is set, and in which file.
struct ProxyShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show what is set, and where.", discussion: "Example: slipway proxy show --json")

  @OptionGroup var options: Options

  func run() throws { try ProxyReport(try options.installed()).tell(json: options.json) }
}

/// `slipway proxy reset`: as if nothing had ever been set here.
struct ProxyResetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reset", abstract: "Forget what `slipway proxy` has set, credentials too.",
    discussion: """
      Example: sudo slipway proxy reset
      What stands in config.toml and other files of config.d stays, and counts again.
      """)

  @OptionGroup var options: Options

  func run() throws {
    try options.requireRoot()
    let layout = try options.installed()
    try LocalConfiguration(try options.device(layout, by: .caller)).change { $0.proxy = nil }
    try ProxySecrets(layout).write(ProxyCredentialsFile())
    try ProxyReport(layout).tell(json: options.json)
  }
}
