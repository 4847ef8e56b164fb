import Installation
import Posix
import Prerequisites
import Services
import SystemPackage
import TUF
import Updating

extension Look {
  /// When the newest metadata that this device trusts was signed. Root alone may read it; others do without.
  ///
  /// - Parameter bundle: the same of the bundle that is about to be installed, in seconds since 1970.
  static func trustedMetadata(_ layout: Layout, or bundle: Int64?) -> Look {
    .blocking(.clock) {
      let trusted = try? Client.load(from: TrustedStore(layout))
      let newest = [trusted?.issued, bundle].compactMap(\.self).max()
      return { $0.trustedAt = newest }
    }
  }

  /// The addresses, tried by another process: as the user that fetch runs as, for root has no business in the network.
  static func network(_ job: NetworkJob, _ layout: Layout) -> Look {
    Look(.proxy, .network, bound: job.bound) {
      let facts = await tried(job, layout)
      let ahead = facts.repositoryTime.map { $0 - HostClock.wallSeconds() }
      return { ($0.network, $0.repositoryAhead) = (facts, ahead) }
    }
  }

  private static func tried(_ job: NetworkJob, _ layout: Layout) async -> NetworkFacts {
    var reason = ""
    do {
      let outcome = try await Command.run(
        "/proc/self/exe", ["check-network", "--root", layout.root.string, "--product", "\(layout.product)"],
        input: try JSON.encode(job), patience: Double(job.bound), outputLimit: 1 << 20)
      let line = outcome.output.split(separator: UInt8(ascii: "\n")).last.map(Array.init) ?? []
      reason = String(decoding: line, as: UTF8.self)
      return try JSON.decode(NetworkFacts.self, line)
    } catch {
      return NetworkFacts(
        proxy: "unknown",
        proxyFault: .init(
          "the look at the network failed: \((reason.isEmpty ? "\(error)" : reason).sanitized())",
          remedy: "Try it again; if that does not help, report these words."))
    }
  }
}
