import Glibc
import Posix
import SystemPackage
import Testing

@testable import Proxies

/// What the process that runs the script has given up, as it says itself and as the kernel says.
@Suite struct PACConfinementTests {
  @Test func whatItTriesIsRefused() async throws {
    let report = try await PACTest.evaluator("function FindProxyForURL() { return 'DIRECT' }").report()
    #expect(
      report.refusals == [
        "open: EPERM", "socket: EPERM", "unix socket: EPERM", "ptrace: EPERM", "kill: EPERM",
        "write to standard error: EPERM", "executable memory: EPERM", "fork: EPERM",
      ])
  }

  @Test func theKernelSaysTheSame() async throws {
    let evaluator = PACTest.evaluator("function FindProxyForURL() { return 'DIRECT' }")
    let report = try await evaluator.report()
    let status = Self.status(report.process)
    #expect(status["Seccomp"] == "2", "SECCOMP_MODE_FILTER")
    #expect(status["NoNewPrivs"] == "1")
    #expect(status["Threads"] == "1")
    #expect(status["CapEff"] == "0000000000000000")
    #expect(try await evaluator.routes(for: "https://a/", host: "a") == [.direct])
  }

  @Test(.enabled(if: geteuid() == 0, "needs root")) func startedByRootItIsNobodyElse() async throws {
    let evaluator = PACTest.evaluator("function FindProxyForURL() { return 'DIRECT' }")
    let report = try await evaluator.report()
    #expect((61_184...65_519).contains(report.user))
    #expect(getpwuid(uid_t(report.user)) == nil)
    let status = Self.status(report.process)
    let numbers = Array(repeating: "\(report.user)", count: 4).joined(separator: "\t")
    #expect(status["Uid"] == numbers)
    #expect(status["Gid"] == numbers)
    #expect(status["Groups"] == "")
    #expect(status["CapPrm"] == "0000000000000000")
    // Not dumpable: what /proc shows of it is root's, and nobody may trace it.
    let folder = try #require(try Directory.open(FilePath("/proc/\(report.process)")).status("fd"))
    #expect(folder.user == 0)
    #expect(try Directory.open(FilePath("/proc/\(report.process)/fd")).names().sorted() == ["0", "1", "2"])
    let limits = try #require(try Directory.open(FilePath("/proc/\(report.process)")).read("limits", limit: 8192))
    for line in [
      "Max cpu time              60", "Max open files            0", "Max processes             0",
      "Max file size             0",
    ] {
      #expect(String(decoding: limits, as: UTF8.self).contains(line))
    }
    #expect(try await evaluator.routes(for: "https://a/", host: "a") == [.direct])
  }

  /// The lines of /proc/PID/status; none where the process has gone.
  static func status(_ process: Int) -> [String: String] {
    guard let folder = try? Directory.open(FilePath("/proc/\(process)")),
      let text = try? folder.read("status", limit: 16_384)
    else { return [:] }
    let lines = String(decoding: text, as: UTF8.self).split(separator: "\n").compactMap { line -> (String, String)? in
      guard let colon = line.firstIndex(of: ":") else { return nil }
      let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      return (String(line[..<colon]), value.last.map { $0 == " " ? String(value.dropLast()) : String(value) } ?? "")
    }
    return Dictionary(lines) { first, _ in first }
  }
}
