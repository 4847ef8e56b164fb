import ArgumentParser
import Console
import Glibc
import Installation
import Product
import Proxies
import Transport
import Updating

/// `slipway proxy test`: goes the way to a server step by step, as fetch would.
struct ProxyTestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Try the way to a server, and say which it is and why.",
    discussion: """
      Example: sudo slipway proxy test https://updates.example.com/
      Runs as the user that fetches. Exit code 14 when the server is not reached.
      """)

  @Argument(help: "An http or https URL.") var url: String
  @OptionGroup var options: Options

  func run() async throws {
    try options.requireRoot()
    let layout = try options.installed()
    guard let origin = WebOrigin(url) else {
      throw Failure(
        .usage, name: "usage", "'\(url)' is no http or https URL without user and password",
        remedy: "give one such as https://updates.example.com/")
    }
    // As fetch does, before anything is opened: what it may not read is not read here.
    try Accounts(layout).becomeFetch()
    let device = try options.device(layout)
    try device.requireConfiguration()
    let secrets = try ProxySecrets(layout).read()
    let decision: ProxyDecision
    do {
      decision = try await device.proxyChooser().decision(for: url)
    } catch {
      throw Failure(.networkOrProxy, name: "proxy", error.message, remedy: error.remedy)
    }
    if !options.json { ProxyTestReport.tell(decision) }
    let dialer = Dialer(credentials: { secrets.credentials(for: $0) })
    var trials: [Trial] = []
    for route in decision.routes {
      let trial = await dialer.trial(
        host: origin.host, port: origin.port, isSecure: origin.scheme == .https, through: route)
      trials.append(trial)
      if !options.json { ProxyTestReport.tell(trial) }
      guard case .failure(let error) = trial.outcome, error.isHopDead else { break }
    }
    var report = ProxyTestReport(url: url, decision, trials)
    guard let last = trials.last, let error = last.error else {
      if options.json { try Output.document(report) }
      return
    }
    let failure = report.failure(error, origin, last.route)
    report.remedy = failure.remedy
    // One document says it all; people get the remedy on standard error.
    if options.json { try Output.document(report) }
    Output.tell(failure)
    exit(failure.code.rawValue)
  }
}
