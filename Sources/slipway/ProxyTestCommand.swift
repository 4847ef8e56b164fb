import ArgumentParser
import Console
import FoundationEssentials
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
      Example: slipway proxy test --environment https://updates.example.com/
      """)

  @Argument(help: "An http or https URL.") var url: String
  @Flag(help: "Not as the device is set, but as HTTPS_PROXY, http_proxy, ALL_PROXY and NO_PROXY say here.")
  var environment = false
  @OptionGroup var options: Options

  func run() async throws {
    guard let origin = WebOrigin(url) else {
      throw Failure(
        .usage, name: "usage", "'\(url.withoutUserinfo())' is no http or https URL without user and password",
        remedy: "give one such as https://updates.example.com/")
    }
    let (decision, dialer) = try await environment ? ofEnvironment(origin) : ofFetch()
    if !options.json { ProxyTestReport.tell(decision) }
    var trials: [Trial] = []
    for route in decision.routes {
      let trial = await dialer.trial(
        host: origin.host, port: origin.port, isSecure: origin.scheme == .https, path: WebOrigin.path(of: url),
        through: route, wholeChain: true)
      trials.append(trial)
      if !options.json { ProxyTestReport.tell(trial) }
      guard case .failure(let error) = trial.outcome, error.isHopDead else { break }
    }
    var report = ProxyTestReport(url: url, decision, trials)
    guard let last = trials.last, let failure = ProxyTestReport.failure(last, origin) else {
      if options.json { try Output.document(report) }
      return
    }
    report.remedy = failure.remedy
    // One document says it all; people get the remedy on standard error.
    if options.json { try Output.document(report) }
    Output.tell(failure)
    Glibc.exit(failure.code.rawValue)
  }

  /// As a poll would decide it.
  private func ofFetch() async throws -> (ProxyDecision, Dialer) {
    let accounts = Accounts(try options.layout())
    if !accounts.isFetch { try options.requireRoot() }
    let layout = try options.installed()
    // As fetch does, before anything is opened: what it may not read is not read here. This program begins anew then.
    try accounts.becomeFetch()
    let device = try options.device(layout)
    try device.requireConfiguration()
    let (secrets, caFile) = (try ProxySecrets(layout).read(), try CAFile.checked(device.configuration.caFile))
    if device.configuration.proxy == nil {
      let names = EnvironmentProxies.variables(of: ProcessInfo.processInfo.environment).keys.sorted()
      if !names.isEmpty {
        Output.tell("NOTE: fetch does not see \(names.joined(separator: ", ")) of this shell; --environment tries them")
      }
    }
    do throws(ProxyError) {
      return (
        try await device.proxyChooser(caFile: caFile).decision(for: url),
        Dialer(caFile: caFile, credentials: { secrets.credentials(for: $0) })
      )
    } catch {
      throw Failure(.networkOrProxy, name: "proxy", error.message, remedy: error.remedy)
    }
  }

  /// Needs no rights: nothing of the device is looked at.
  private func ofEnvironment(_ origin: WebOrigin) throws -> (ProxyDecision, Dialer) {
    do throws(ProxySettingsError) {
      let proxies = try EnvironmentProxies(ProcessInfo.processInfo.environment)
      return (proxies.decision(for: origin), Dialer(credentials: { proxies.credentials(for: $0) }))
    } catch {
      throw Failure(.usage, name: "usage", error.description, remedy: "correct that variable, or unset it")
    }
  }
}
