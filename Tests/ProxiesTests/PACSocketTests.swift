import Glibc
import Posix
import Subprocess
import SystemPackage
import Testing

@testable import Proxies

/// An evaluator for each connection, started by systemd's own tool for trying that; the units themselves are tried on a
/// whole systemd in system/test_systemd_pac.
@Suite struct PACSocketTests {
  private static let tool = "/usr/bin/systemd-socket-activate"

  @Test(.enabled(if: access(tool, X_OK) == 0, "systemd is not installed"))
  func eachConversationIsAProcessOfItsOwn() async throws {
    try await withSocket { path in
      func evaluator() -> PACEvaluator {
        PACEvaluator(
          script: Array("function FindProxyForURL(u, h) { return 'PROXY ' + dnsResolve(h) }".utf8), source: "x.pac",
          launch: .socket(path), names: .table)
      }
      let (one, other) = (evaluator(), evaluator())
      let expected = [ProxyRoute.through(ProxyEndpoint(.http, host: "192.0.2.10", port: 80))]
      #expect(try await one.routes(for: "https://www.example.com/", host: "www.example.com") == expected)
      #expect(try await other.routes(for: "https://www.example.com/", host: "www.example.com") == expected)
      let (first, second) = (try await one.report(), try await other.report())
      #expect(first.process != second.process)
      #expect(first.refusals.count == 8)
      // An evaluator that has gone is replaced by way of the socket, too.
      #expect(kill(pid_t(first.process), SIGKILL) == 0)
      #expect(try await one.routes(for: "https://other.example.com/", host: "www.example.com") == expected)
      #expect(try await one.report().process != first.process)
    }
  }

  /// Calls `body` while somebody listens at the path.
  private func withSocket(_ body: @escaping @Sendable (FilePath) async throws -> Void) async throws {
    var template = Array("/tmp/slipway-pac-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
    let folder = FilePath(String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
    defer { try? Directory.open(folder.removingLastComponent()).removeTree(folder.lastComponent?.string ?? "") }
    let path = folder.appending("pac.sock")
    let arguments = ["--listen", path.string, "--accept", "--inetd", PACTest.slipway.string, "pac-evaluator"]
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        _ = try await Subprocess.run(
          .path(FilePath(Self.tool)), arguments: Arguments(arguments), output: .discarded, error: .discarded)
      }
      let deadline = HostClock.monotonicNanoseconds() + 5_000_000_000
      while try !Self.isListening(path), HostClock.monotonicNanoseconds() < deadline { await Task.yield() }
      try await body(path)
      group.cancelAll()
      // Ended by the cancellation, which is no failure.
      try? await group.waitForAll()
    }
  }

  /// A socket has its name before it listens.
  private static func isListening(_ path: FilePath) throws -> Bool {
    let table = try FileDescriptor.reading("/proc/net/unix")
    defer { try? table.close() }
    return String(decoding: try table.readAll(limit: 4 << 20, path: "/proc/net/unix"), as: UTF8.self)
      .split(separator: "\n").contains { $0.hasSuffix(" \(path)") && $0.contains(" 00010000 ") }
  }
}
