import Glibc
import Posix
import Synchronization
import SystemPackage

@testable import Proxies

/// What the tests of the evaluator share. Evaluators are real: the built `slipway`.
enum PACTest {
  static let source = "http://wpad.example.com/proxy.pac"

  /// Beside the tests' own executable.
  static var slipway: FilePath {
    let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
    return FilePath(bundle).removingLastComponent().appending("slipway")
  }

  static func evaluator(
    _ script: String, limits: PACLimits = PACLimits(), names: PACNames = .table, at time: PACTime = .sample,
    log: @escaping @Sendable (String) -> Void = { _ in }
  ) -> PACEvaluator {
    PACEvaluator(
      script: Array(script.utf8), source: source, launch: .process(slipway), limits: limits, names: names,
      clock: { time }, log: log)
  }

  /// A script's answer for `url`, as its routes are written.
  static func routes(
    _ script: String, _ url: String = "https://www.example.com/", names: PACNames = .table, at time: PACTime = .sample
  ) async throws(PACError) -> String {
    let question = PACQuestion(url: url, host: "")
    let host = question.origin.split(separator: "/").last.map { $0.prefix { $0 != ":" } } ?? ""
    return try await evaluator(script, names: names, at: time).routes(for: url, host: String(host))
      .map(\.description).joined(separator: "; ")
  }

  /// What an expression of a script comes to, in the words of JSON.
  static func value(_ expression: String, names: PACNames = .table, at time: PACTime = .sample) async throws -> String {
    let lines = Lines()
    let script = "function FindProxyForURL(url, host) { alert(JSON.stringify(\(expression))); return 'DIRECT'; }"
    _ = try await evaluator(script, names: names, at: time, log: { lines.add($0) })
      .routes(for: "http://h/", host: "h")
    return lines.all.map { String($0.dropFirst("\(source) says: ".count)) }.joined(separator: "\n")
  }

  /// The error that a script ends in.
  static func error(_ script: String, limits: PACLimits = PACLimits()) async -> PACError? {
    do throws(PACError) {
      _ = try await evaluator(script, limits: limits).routes(for: "https://www.example.com/", host: "www.example.com")
      return nil
    } catch { return error }
  }

  /// Seconds that `body` takes.
  static func seconds(_ body: () async throws -> Void) async rethrows -> Double {
    let start = HostClock.monotonicNanoseconds()
    try await body()
    return Double(HostClock.monotonicNanoseconds() - start) / 1e9
  }

  final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    func add(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
  }
}

extension PACNames {
  /// A few names; everything else does not exist.
  static let table = PACNames(
    resolve: { name, _ in
      let names = [
        "www.example.com": ["192.0.2.10"], "inside.example.com": ["10.1.2.3"],
        "both.example.com": ["2001:db8::7", "192.0.2.7"], "new.example.com": ["2001:db8::1"],
      ]
      return (names[name] ?? []).compactMap { IPAddress(parsing: $0) }
    },
    own: { ["10.9.8.7", "2001:db8::9"].compactMap { IPAddress(parsing: $0) } })

  /// No name has an address, nor has the machine.
  static let none = PACNames(resolve: { _, _ in [] }, own: { [] })
}

extension PACTime {
  /// Tuesday, 2009-03-03 03:34:14 UTC, in a zone of UTC.
  static let sample = PACTime(2009, 3, 3, 3, 34, 14)

  /// A moment by UTC, in a zone that is `offset` hours ahead of it.
  init(_ year: Int, _ month: Int, _ day: Int, _ hour: Int, _ minute: Int = 0, _ second: Int = 0, offset: Int = 0) {
    var parts = tm()
    (parts.tm_year, parts.tm_mon, parts.tm_mday) = (Int32(year - 1900), Int32(month - 1), Int32(day))
    (parts.tm_hour, parts.tm_min, parts.tm_sec) = (Int32(hour), Int32(minute), Int32(second))
    self.init(milliseconds: Int64(timegm(&parts)) * 1000, offset: offset * 3600)
  }
}
