import Posix
import Subprocess
import SystemPackage

/// systemd's PID 1, spoken to through systemctl(1) and systemd-run(1), which keep their promises across versions.
public struct Systemd: ServiceController {
  private let systemctl: FilePath
  private let systemdRun: FilePath
  /// Seconds that one call may take; starting a unit can include waiting for others.
  private let patience: Double

  public init(
    systemctl: FilePath = "/usr/bin/systemctl", systemdRun: FilePath = "/usr/bin/systemd-run", patience: Double = 120
  ) {
    self.systemctl = systemctl
    self.systemdRun = systemdRun
    self.patience = patience
  }

  public func reload() async throws { try await call(["daemon-reload"]) }

  public func start(_ units: [String], noBlock: Bool) async throws { try await call("start", units, noBlock) }
  public func stop(_ units: [String], noBlock: Bool) async throws { try await call("stop", units, noBlock) }
  public func restart(_ units: [String], noBlock: Bool) async throws { try await call("restart", units, noBlock) }

  public func enable(_ units: [String]) async throws { try await call("enable", units, false) }
  public func disable(_ units: [String]) async throws { try await call("disable", units, false) }

  public func resetFailed(_ units: [String]) async throws {
    for unit in units {
      do {
        try await call("reset-failed", [unit], false)
      } catch let error as ServicesError where error.code == .noSuchUnit {
        // A unit that never ran is not loaded, and has nothing to reset.
        continue
      }
    }
  }

  public func status(_ unit: String) async throws -> UnitStatus {
    let answer = try await call(["show", "--property", UnitStatus.properties.joined(separator: ","), "--", unit])
    return try UnitStatus(showing: answer)
  }

  public func run(_ job: TransientJob) async throws -> JobResult {
    let began = HostClock.monotonicNanoseconds()
    // systemd ends the job at its limit; ours is longer, and only there for a systemd that hangs.
    let result = try await Command.run(
      systemdRun, Self.arguments(for: job), patience: job.timeLimit + 30, outputLimit: job.outputLimit)
    let seconds = Double(HostClock.monotonicNanoseconds() - began) / 1e9
    // systemd-run says 255, or its own failure, for a unit that was killed; only the clock tells the limit.
    let timedOut = result.status != 0 && seconds >= job.timeLimit
    return JobResult(
      status: timedOut ? nil : result.status, timedOut: timedOut, output: result.output, seconds: seconds)
  }

  /// The command line of systemd-run(1) for a job.
  static func arguments(for job: TransientJob) -> [String] {
    var arguments = ["--quiet", "--wait", "--pipe", "--collect", "--service-type=exec"]
    if let user = job.user { arguments.append("--uid=\(user)") }
    if let directory = job.directory { arguments.append("--working-directory=\(directory)") }
    for (name, value) in job.environment.sorted(by: { $0.key < $1.key }) {
      arguments.append("--setenv=\(name)=\(value)")
    }
    arguments += ["-p", "RuntimeMaxSec=\(Int64(job.timeLimit * 1000))ms", "-p", "TimeoutStopSec=2s"]
    return arguments + job.sandbox.runArguments + ["--"] + job.command
  }

  private func call(_ verb: String, _ units: [String], _ noBlock: Bool) async throws {
    guard !units.isEmpty else { return }
    try await call([verb] + (noBlock ? ["--no-block"] : []) + ["--"] + units)
  }

  @discardableResult
  private func call(_ arguments: [String]) async throws -> String {
    let result = try await Command.run(
      systemctl, ["--no-pager", "--no-ask-password"] + arguments, patience: patience, outputLimit: 64 * 1024)
    let text = String(decoding: result.output, as: UTF8.self)
    guard result.status == 0 else {
      let words = "systemctl \(arguments.joined(separator: " ")): \(text.isEmpty ? "failed" : text)"
      throw ServicesError(Self.code(for: text), words.filter { $0 != "\n" })
    }
    return text
  }

  /// What systemctl's words mean; its exit codes do not tell (the words are those of the C locale).
  static func code(for text: String) -> ServicesError.Code {
    if text.contains("not loaded") || text.contains("not found") || text.contains("does not exist") {
      return .noSuchUnit
    }
    if text.contains("denied") || text.contains("authentication required") { return .refused }
    return text.contains("Failed to connect") || text.contains("not been booted") ? .unreachable : .failed
  }
}
