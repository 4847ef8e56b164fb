import Installation
import Posix
import Prerequisites
import Product
import Proxies
import Transport
import Updating

/// Tries addresses side by side, a bounded number at a time.
struct NetworkTrial: Sendable {
  private struct Outcome: Sendable {
    let index: Int
    let report: EndpointReport
    /// The server's clock in seconds since 1970, and when it was heard, by the monotonic one in nanoseconds.
    var heard: (time: Int64, at: Int64)?
  }

  let job: NetworkJob
  private let decide: @Sendable (_ url: String) async throws(ProxyError) -> ProxyDecision
  private let dialer: Dialer

  /// - Parameters: as fetch has them, but for the settings, which are the job's.
  /// - Throws: what makes any trial pointless: a file that cannot be used, a variable that makes no sense.
  init(_ job: NetworkJob, device: Device, secrets: () throws -> ProxyCredentialsFile) throws {
    self.job = job
    let caFile = try CAFile.checked(job.caFile)
    let credentials: Dialer.CredentialStore
    if job.proxy.mode == .environment {
      let shell = try EnvironmentProxies(job.proxy.variables)
      credentials = { shell.credentials(for: $0) }
      decide = { (url) throws(ProxyError) in
        WebOrigin(url).map(shell.decision) ?? ProxyDecision(.environment, rule: url, routes: [])
      }
    } else {
      let (secrets, chooser) = (
        try secrets(),
        device.proxyChooser(
          try job.proxy.settings(), caFile: caFile, patience: .seconds(NetworkJob.scriptPatience.bringing))
      )
      credentials = { secrets.credentials(for: $0) }
      decide = { (url) throws(ProxyError) in try await chooser.decision(for: url) }
    }
    dialer = Dialer(caFile: caFile, credentials: credentials)
  }

  func run() async -> NetworkFacts {
    var facts = NetworkFacts(job)
    // One question first: what is wrong with a script is wrong for every address, and is told once.
    if let first = job.addresses.first, let fault = await fault(first.url) {
      facts.proxyFault = fault
      return facts
    }
    let outcomes = await withTaskGroup(of: Outcome.self) { group in
      var outcomes: [Outcome] = []
      for (index, address) in job.addresses.enumerated() {
        if index >= NetworkJob.width, let done = await group.next() { outcomes.append(done) }
        group.addTask { await outcome(index, address) }
      }
      for await done in group { outcomes.append(done) }
      return outcomes
    }
    facts.endpoints = outcomes.sorted { $0.index < $1.index }.map(\.report)
    facts.repositoryTime = outcomes.compactMap(\.heard).first.map {
      $0.time + (HostClock.monotonicNanoseconds() - $0.at) / 1_000_000_000
    }
    return facts
  }

  /// Why there is no decision.
  private func fault(_ url: String) async -> NetworkFacts.Fault? {
    let answer = await Bounded.answer(within: NetworkJob.scriptPatience.all) {
      do throws(ProxyError) {
        _ = try await decide(url)
        return NetworkFacts.Fault?.none
      } catch { return .init(error.message, remedy: error.remedy) }
    }
    return answer
      ?? .init(
        "the proxy script \(job.proxy.script ?? "of this network") has not come and decided within "
          + "\(NetworkJob.scriptPatience.all) s",
        remedy: "Check the server that it is brought from, or set another proxy mode with 'slipway proxy set'.")
  }

  private func outcome(_ index: Int, _ address: NetworkJob.Address) async -> Outcome {
    let answer = await Bounded.answer(within: NetworkJob.patience) { await tried(index, address) }
    return answer ?? Outcome(index: index, report: address.report(.timedOut))
  }

  /// The ways are gone in turn, as long as it is the way that is dead.
  private func tried(_ index: Int, _ address: NetworkJob.Address) async -> Outcome {
    // Asked above whether it can be answered; an answer that fails for one address alone leaves it without a way.
    let routes = (try? await decide(address.url))?.routes ?? []
    var trial: Trial?
    for route in routes {
      let this = await dialer.trial(
        host: address.host, port: address.port, isSecure: address.isSecure, path: file(at: address) ?? "/",
        through: route)
      trial = this
      guard case .failure(let error) = this.outcome, error.isHopDead, route != .direct else { break }
    }
    guard let trial else { return Outcome(index: index, report: address.report(.proxyUnreachable)) }
    var outcome = Outcome(index: index, report: EndpointReport(address, trial))
    if let path = file(at: address), case .success = trial.outcome {
      let time = await dialer.serverTime(
        host: address.host, port: address.port, isSecure: address.isSecure, path: path, through: trial.route)
      outcome.heard = time.map { ($0, HostClock.monotonicNanoseconds()) }
    }
    // A certificate that begins in the future says at least how late it is.
    if address.isRepository, case .failure(let error) = trial.outcome, error.code == .notTrusted(.notYetValid) {
      outcome.heard = error.certificate.map { ($0.notBefore, HostClock.monotonicNanoseconds()) }
    }
    return outcome
  }

  /// What the repository is asked for; nil for other addresses.
  private func file(at address: NetworkJob.Address) -> String? {
    guard let base = job.metadata.first.flatMap({ WebAddress($0) }), base.host == address.host,
      base.port == address.port
    else { return nil }
    return base.path + "timestamp.json"
  }
}

extension NetworkFacts {
  /// Before anything was tried.
  init(_ job: NetworkJob) {
    self.init(proxy: (try? job.proxy.settings().summary) ?? job.proxy.mode.rawValue)
    isOfShell = job.proxy.mode == .environment
  }

  /// Nothing could be tried, for a reason that the admin can mend.
  init(_ job: NetworkJob, fault error: any Error) {
    self.init(job)
    let failure = Failure(error)
    proxyFault =
      if let error = error as? ProxySettingsError {
        .init("the variable \(error)", remedy: "Correct that variable, or unset it: updates do not use it.")
      } else {
        .init(failure.message, remedy: failure.remedy ?? "")
      }
  }
}
