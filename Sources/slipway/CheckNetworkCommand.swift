import ArgumentParser
import Console
import Glibc
import Installation
import Posix
import Prerequisites
import Product
import Proxies
import SystemPackage
import Updating

/// `slipway check-network`: tries the addresses that it is told on standard input. Not for people: `slipway check` is.
struct CheckNetworkCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check-network", abstract: "Try the addresses that `slipway check` wants tried.", shouldDisplay: false)

  @OptionGroup var options: Options

  func run() async throws {
    let layout = try options.layout()
    try Accounts(layout).becomeFetch()
    try Accounts.becomeNobody()
    let input = try FileDescriptor.standardInput.readAll(limit: 1 << 20, path: "standard input")
    let job = try JSON.decode(NetworkJob.self, input)
    let device = try options.device(layout)
    try Output.document(await facts(job, device))
  }

  private func facts(_ job: NetworkJob, _ device: Device) async -> NetworkFacts {
    do {
      return await (try NetworkTrial(job, device: device) { try Self.secrets(device.layout) }).run()
    } catch { return NetworkFacts(job, fault: error) }
  }

  /// None for a person who is neither root nor fetch: the proxy will say what is missing.
  private static func secrets(_ layout: Layout) throws -> ProxyCredentialsFile {
    do { return try ProxySecrets(layout).read() } catch let error as PosixError where error.code == EACCES {
      return ProxyCredentialsFile()
    }
  }
}
