import Glibc
import Subprocess
import SystemPackage

@testable import Services

/// A container with a real systemd, from `scripts/container`; gone after the test.
struct Container: Sendable {
  /// scripts/test sets it, after it has provided what the container needs.
  static var isProvided: Bool { getenv("SLIPWAY_TEST_SYSTEMD") != nil && geteuid() == 0 }

  private static let tool = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
    .appending("scripts/container")

  let name: String
  /// systemctl and systemd-run of the container.
  let systemd: Systemd

  static func with(_ label: String, _ body: @Sendable (Container) async throws -> Void) async throws {
    try await Scratch.with { scratch in
      let name = "\(label)-\(getpid())"
      func wrapper(_ program: String) throws -> FilePath {
        let cache = getenv("SLIPWAY_CACHE").map { String(cString: $0) } ?? ""
        let home = getenv("HOME").map { String(cString: $0) } ?? "/root"
        return try scratch.script(
          program, "HOME='\(home)' SLIPWAY_CACHE='\(cache)' exec \(tool) exec \(name) -- \(program) \"$@\"")
      }
      let systemd = Systemd(systemctl: try wrapper("systemctl"), systemdRun: try wrapper("systemd-run"))
      let container = Container(name: name, systemd: systemd)
      do {
        try await container.call(["start", name])
        try await body(container)
      } catch {
        _ = try? await container.call(["destroy", name])
        throw error
      }
      try await container.call(["destroy", name])
    }
  }

  /// Runs a shell script inside; throws `failed` with its output when it fails.
  @discardableResult
  func shell(_ script: String, input: String = "") async throws -> String {
    try await call(["exec", name, "--", "sh", "-euc", script], input: input)
  }

  func write(_ path: String, _ text: String, mode: String = "0644") async throws {
    try await shell("mkdir -p \"$(dirname \(path))\"; cat >\(path); chmod \(mode) \(path)", input: text)
  }

  func reboot() async throws { try await call(["reboot", name]) }

  @discardableResult
  private func call(_ arguments: [String], input: String = "") async throws -> String {
    let result = try await Subprocess.run(
      .path(Self.tool), arguments: Arguments(arguments), input: .string(input), output: .string(limit: 1 << 20),
      error: .combinedWithOutput)
    guard result.terminationStatus.isSuccess else {
      throw ServicesError(.failed, "container \(arguments.joined(separator: " ")): \(result.standardOutput)")
    }
    return result.standardOutput
  }
}
