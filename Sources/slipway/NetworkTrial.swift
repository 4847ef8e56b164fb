import Posix
import Prerequisites
import Product
import Transport

/// Tries addresses side by side, a bounded number at a time.
struct NetworkTrial: Sendable {
  private struct Outcome: Sendable {
    let index: Int
    let report: EndpointReport
    /// The server's clock in seconds since 1970, and when it was heard, by the monotonic one in nanoseconds.
    var heard: (time: Int64, at: Int64)?
  }

  let job: NetworkJob

  init(_ job: NetworkJob) { self.job = job }

  func run() async -> NetworkFacts {
    let outcomes = await withTaskGroup(of: Outcome.self) { group in
      var outcomes: [Outcome] = []
      for (index, address) in job.addresses.enumerated() {
        if index >= NetworkJob.width, let done = await group.next() { outcomes.append(done) }
        group.addTask { await outcome(index, address) }
      }
      for await done in group { outcomes.append(done) }
      return outcomes
    }
    var facts = NetworkFacts(proxy: job.proxyText)
    facts.endpoints = outcomes.sorted { $0.index < $1.index }.map(\.report)
    facts.repositoryTime = outcomes.compactMap(\.heard).first.map {
      $0.time + (HostClock.monotonicNanoseconds() - $0.at) / 1_000_000_000
    }
    return facts
  }

  private func outcome(_ index: Int, _ address: NetworkJob.Address) async -> Outcome {
    let answer = await Bounded.answer(within: NetworkJob.patience) { await tried(index, address) }
    return answer ?? Outcome(index: index, report: address.report(.timedOut))
  }

  /// The ways are gone in turn, as long as it is the way that is dead.
  private func tried(_ index: Int, _ address: NetworkJob.Address) async -> Outcome {
    let dialer = Dialer()
    let routes = job.routes(to: address)
    var trial: Trial?
    for route in routes {
      let this = await dialer.trial(
        host: address.host, port: address.port, isSecure: address.isSecure, through: route)
      trial = this
      guard case .failure(let error) = this.outcome, error.isHopDead, route != .direct else { break }
    }
    guard let trial else { return Outcome(index: index, report: address.report(.proxyUnreachable)) }
    var outcome = Outcome(index: index, report: EndpointReport(address, trial))
    if let path = clock(at: address), case .success = trial.outcome {
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

  /// What the repository is asked for, to hear the time; nil for other addresses.
  private func clock(at address: NetworkJob.Address) -> String? {
    guard let base = job.metadata.first.flatMap({ WebAddress($0) }), base.host == address.host,
      base.port == address.port
    else { return nil }
    return base.path + "timestamp.json"
  }
}
