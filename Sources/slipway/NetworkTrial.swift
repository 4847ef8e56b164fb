import Posix
import Prerequisites
import Product

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
    let path = clock(at: address)
    let answer = await Bounded.answer(within: NetworkJob.patience) {
      let (report, date) = await AddressTrial(address: address, proxy: job.proxy(for: address)).run(asking: path)
      return Outcome(index: index, report: report, heard: date.map { ($0, HostClock.monotonicNanoseconds()) })
    }
    let late = EndpointReport(
      host: address.host, port: address.port, isRepository: address.isRepository, obstacle: .timedOut)
    return answer ?? Outcome(index: index, report: late)
  }

  /// What the repository is asked for, to hear the time; nil for other addresses.
  private func clock(at address: NetworkJob.Address) -> String? {
    guard let base = job.metadata.first.flatMap({ WebAddress($0) }), base.host == address.host,
      base.port == address.port
    else { return nil }
    return base.path + "timestamp.json"
  }
}
