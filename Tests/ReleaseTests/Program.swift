import Foundation
import Subprocess
import SystemPackage

/// Runs the built `slipway-release`.
enum Program {
  struct Outcome: Sendable {
    /// The exit code; nil when a signal ended it.
    let code: Int32?
    let output: String
    let error: String

    var json: [String: Any] {
      (try? JSONSerialization.jsonObject(with: Data(output.utf8))) as? [String: Any] ?? [:]
    }
  }

  /// Beside the tests' own executable.
  static var path: FilePath {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    let besides = FilePath(own).removingLastComponent().appending("slipway-release")
    if FileManager.default.isExecutableFile(atPath: besides.string) { return besides }
    let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? Bundle.main.bundlePath
    return FilePath(bundle).removingLastComponent().appending("slipway-release")
  }

  static func release(_ arguments: [String], environment: [String: String] = [:]) async throws -> Outcome {
    try await run(path, arguments, environment: environment)
  }

  static func run(_ program: FilePath, _ arguments: [String], environment: [String: String] = [:]) async throws
    -> Outcome
  {
    let base = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"].merging(environment) { $1 }
    let variables = Dictionary(
      uniqueKeysWithValues: base.map { (Subprocess.Environment.Key(stringLiteral: $0.key), $0.value) })
    let result = try await Subprocess.run(
      .path(program), arguments: Arguments(arguments), environment: .custom(variables), input: .none,
      output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
    let code: Int32? = if case .exited(let code) = result.terminationStatus { code } else { nil }
    return Outcome(code: code, output: result.standardOutput, error: result.standardError)
  }
}
