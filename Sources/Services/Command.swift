import Subprocess
import SystemPackage

/// Runs a program of the system with bounds on time and output.
public enum Command {
  public struct Outcome: Sendable {
    /// nil: ended by a signal.
    public var status: Int32?
    public var output: [UInt8]
  }

  /// Runs `program` to its end; standard error goes where standard output goes. Output beyond `outputLimit` bytes is
  /// read and dropped. Throws `timedOut` after `patience` seconds, and `unreachable` when there is no such program.
  ///
  /// - Parameter input: becomes its standard input.
  public static func run(
    _ program: FilePath, _ arguments: [String], input: [UInt8] = [], patience: Double, outputLimit: Int
  ) async throws -> Outcome {
    try await withThrowingTaskGroup(of: Outcome?.self) { group in
      group.addTask { try await collect(program, arguments, input, outputLimit: outputLimit) }
      group.addTask {
        try await Task.sleep(for: .seconds(patience))
        return nil
      }
      defer { group.cancelAll() }
      guard let first = try await group.next(), let outcome = first else {
        throw ServicesError(.timedOut, "\(program): no end after \(patience) s")
      }
      return outcome
    }
  }

  private static func collect(
    _ program: FilePath, _ arguments: [String], _ input: [UInt8], outputLimit: Int
  ) async throws -> Outcome {
    do {
      let result = try await Subprocess.run(
        .path(program), arguments: Arguments(arguments),
        environment: .custom(["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"]),
        input: .array(input), output: .sequence, error: .combinedWithOutput
      ) { execution in
        var kept: [UInt8] = []
        for try await part in execution.standardOutput {
          part.withUnsafeBytes { kept.append(contentsOf: $0.prefix(max(0, outputLimit - kept.count))) }
        }
        return kept
      }
      switch result.terminationStatus {
      case .exited(let code): return Outcome(status: code, output: result.closureResult)
      case .signaled: return Outcome(status: nil, output: result.closureResult)
      }
    } catch let error as SubprocessError where error.code == .executableNotFound {
      throw ServicesError(.unreachable, "\(program): not found")
    }
  }
}
