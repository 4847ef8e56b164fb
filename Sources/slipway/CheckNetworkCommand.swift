import ArgumentParser
import Console
import Installation
import Posix
import Prerequisites
import Product
import SystemPackage
import Updating

/// `slipway check-network`: tries the addresses that it is told on standard input. Not for people: `slipway check` is.
struct CheckNetworkCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check-network", abstract: "Try the addresses that `slipway check` wants tried.", shouldDisplay: false)

  @OptionGroup var options: Options

  func run() async throws {
    try Accounts(try options.layout()).becomeFetch()
    try Accounts.becomeNobody()
    let input = try FileDescriptor.standardInput.readAll(limit: 1 << 20, path: "standard input")
    let job = try JSON.decode(NetworkJob.self, input)
    let facts = await NetworkTrial(job).run()
    try Output.document(facts)
  }
}
