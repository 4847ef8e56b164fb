import Dispatch
import Glibc
import Prerequisites
import Product

/// Tries addresses side by side, a bounded number at a time.
struct NetworkTrial: Sendable {
  let job: NetworkJob

  init(_ job: NetworkJob) { self.job = job }

  func run() async -> NetworkFacts {
    var facts = NetworkFacts(proxy: job.proxy == nil ? "no proxy is set" : "a proxy")
    facts.endpoints = await endpoints()
    return facts
  }

  private func endpoints() async -> [EndpointReport] {
    await withTaskGroup(of: (Int, EndpointReport).self) { group in
      var reports = [EndpointReport?](repeating: nil, count: job.addresses.count)
      for (index, address) in job.addresses.enumerated() {
        if index >= NetworkJob.width, let (done, report) = await group.next() { reports[done] = report }
        group.addTask {
          let report = await Bounded.answer(within: NetworkJob.patience) { await attempt(address) }
          return (index, report ?? address.report(.timedOut, "no end after \(NetworkJob.patience) s"))
        }
      }
      for await (done, report) in group { reports[done] = report }
      return reports.compactMap(\.self)
    }
  }

  private func attempt(_ address: NetworkJob.Address) async -> EndpointReport {
    await withCheckedContinuation { continuation in
      DispatchQueue.global().async { continuation.resume(returning: connect(address)) }
    }
  }

  private func connect(_ address: NetworkJob.Address) -> EndpointReport {
    var found: UnsafeMutablePointer<addrinfo>?
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    let code = getaddrinfo(address.host, "\(address.port)", &hints, &found)
    guard code == 0, let first = found else { return address.report(.dns, String(cString: gai_strerror(code))) }
    defer { freeaddrinfo(found) }
    let fd = socket(first.pointee.ai_family, first.pointee.ai_socktype, 0)
    defer { close(fd) }
    guard Glibc.connect(fd, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0 else {
      let reason = errno
      let kind: EndpointReport.Obstacle =
        reason == ECONNREFUSED ? .refused : reason == ETIMEDOUT ? .timedOut : .unreachable
      return address.report(kind, "")
    }
    return address.report(nil, "")
  }
}

extension NetworkJob.Address {
  func report(_ obstacle: EndpointReport.Obstacle?, _ detail: String) -> EndpointReport {
    EndpointReport(host: host, port: port, isRepository: isRepository, obstacle: obstacle, detail: detail)
  }
}

struct ProxyWish: Codable, Sendable {
  init(_ proxy: Configuration.Proxy) {}
}
