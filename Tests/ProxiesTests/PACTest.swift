import Glibc
import SystemPackage

@testable import Proxies

/// What the tests of the evaluator share. Evaluators are real: the built `slipway`.
enum PACTest {
  /// Beside the tests' own executable.
  static var slipway: FilePath {
    let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
    return FilePath(bundle).removingLastComponent().appending("slipway")
  }

  static func evaluator(
    _ script: String, limits: PACLimits = PACLimits(), names: PACNames = .none,
    clock: @escaping @Sendable () -> PACTime = PACTime.host, log: @escaping @Sendable (String) -> Void = { _ in }
  ) -> PACEvaluator {
    PACEvaluator(
      script: Array(script.utf8), source: "http://wpad.example.com/proxy.pac", launch: .process(slipway),
      limits: limits, names: names, clock: clock, log: log)
  }
}

extension PACNames {
  /// No name has an address, nor has the machine.
  static let none = PACNames(resolve: { _, _ in [] }, own: { [] })
}
