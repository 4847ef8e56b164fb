import Glibc
import Posix
import Proxies
import SystemPackage

/// Times decisions of a proxy auto-configuration script: slipway-bench SLIPWAY ROUNDS. Prints; judges nothing.
@main enum Measure {
  /// Of the size and kind that is found in companies.
  private static let script =
    "var inside = [" + (0..<200).map { "'.site\($0).example.com'" }.joined(separator: ", ") + "];\n"
      + """
      function FindProxyForURL(url, host) {
        if (isPlainHostName(host) || host === 'localhost') return 'DIRECT';
        for (var i = 0; i < inside.length; i++) if (dnsDomainIs(host, inside[i])) return 'DIRECT';
        if (shExpMatch(url, 'https://*.update.example.net/*')) return 'PROXY updates.example.com:3128';
        if (weekdayRange('SAT', 'SUN') && timeRange(22, 5)) return 'PROXY night.example.com:3128; DIRECT';
        if (isInNet(dnsResolve(host), '10.0.0.0', '255.0.0.0')) return 'DIRECT';
        return 'PROXY one.example.com:3128; PROXY two.example.com:3128; DIRECT';
      }
      """

  static func main() async throws {
    guard CommandLine.arguments.count == 3, let rounds = Int(CommandLine.arguments[2]) else {
      print("usage: slipway-bench SLIPWAY ROUNDS")
      exit(64)
    }
    let slipway = FilePath(CommandLine.arguments[1])
    var limits = PACLimits()
    limits.rememberedAnswers = 2
    // Names are answered at once: what DNS takes is not ours.
    let names = PACNames(resolve: { _, _ in [] }, own: { [] })
    func evaluator() -> PACEvaluator {
      PACEvaluator(
        script: Array(script.utf8), source: "bench.pac", launch: .process(slipway), limits: limits, names: names)
    }
    var cold: [Double] = []
    var warm: [Double] = []
    var remembered: [Double] = []
    for round in 0..<rounds {
      let evaluator = evaluator()
      let host = "www\(round).example.org"
      func ask(_ host: String) async throws -> Double {
        let start = HostClock.monotonicNanoseconds()
        let routes = try await evaluator.routes(for: "https://\(host)/", host: host)
        let time = Double(HostClock.monotonicNanoseconds() - start) / 1e6
        guard routes.count == 3 else { fatalError("\(routes)") }
        return time
      }
      cold.append(try await ask(host))
      for question in 0..<20 { warm.append(try await ask("\(question).\(host)")) }
      for _ in 0..<20 { remembered.append(try await ask("19.\(host)")) }
    }
    say("cold: process, script and first answer", cold)
    say("warm: another host", warm)
    say("remembered: the same host", remembered)
  }

  private static func say(_ what: String, _ times: [Double]) {
    let sorted = times.sorted()
    func milliseconds(_ share: Double) -> String {
      let thousandths = Int((sorted[Int(Double(sorted.count - 1) * share)] * 1000).rounded())
      let rest = "\(thousandths % 1000)"
      return "\(thousandths / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
    }
    let name = what + String(repeating: " ", count: max(0, 40 - what.count))
    print("PAC decision, \(name)  median \(milliseconds(0.5)) ms, 95 % below \(milliseconds(0.95)) ms (\(times.count))")
  }
}
