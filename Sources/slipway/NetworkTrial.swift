import Posix
import Prerequisites
import Product

/// Tries addresses side by side, a bounded number at a time.
struct NetworkTrial: Sendable {
  let job: NetworkJob

  init(_ job: NetworkJob) { self.job = job }

  func run() async -> NetworkFacts {
    var facts = NetworkFacts(proxy: job.proxyText)
    let clock = job.metadata.first.flatMap { WebAddress($0) }
    await withTaskGroup(of: (Int, EndpointReport, Int64?).self) { group in
      var reports = [EndpointReport?](repeating: nil, count: job.addresses.count)
      func take(_ done: (index: Int, report: EndpointReport, ahead: Int64?)) {
        reports[done.index] = done.report
        facts.repositoryAhead = facts.repositoryAhead ?? done.ahead
      }
      for (index, address) in job.addresses.enumerated() {
        if index >= NetworkJob.width, let done = await group.next() { take(done) }
        let isClock = clock.map { $0.host == address.host && $0.port == address.port } ?? false
        let path = isClock ? clock.map { $0.path + "timestamp.json" } : nil
        group.addTask {
          let trial = AddressTrial(address: address, proxy: job.proxy(for: address))
          let answer = await Bounded.answer(within: NetworkJob.patience) {
            let (report, date) = await trial.run(asking: path)
            return (report, date.map { $0 - HostClock.wallSeconds() })
          }
          guard let answer else {
            return (
              index,
              EndpointReport(
                host: address.host, port: address.port, isRepository: address.isRepository, obstacle: .timedOut), nil
            )
          }
          return (index, answer.0, answer.1)
        }
      }
      for await done in group { take(done) }
      facts.endpoints = reports.compactMap(\.self)
    }
    return facts
  }
}
