import Archives
import Bundles
import Console
import Glibc
import Installation
import Posix
import Prerequisites
import Product
import SystemPackage

/// The verified release's own `slipway`, unpacked into memory, which makes the checks: it knows proxies, TLS and the TPM,
/// and what it finds is what it will find once it is installed (decision 0019).
struct CheckProgram {
  /// Seconds that all checks together may take: each of them is bounded too.
  static let patience = 120.0

  private let program: OpenFile
  private let manifest: OpenFile

  /// - Throws: what the door and the archive throw: not a byte runs that is not the signed one.
  init(_ door: Door, _ offered: Offered) throws {
    let release = try door.release(offered.targets)
    let archive = try door.archive(of: offered.targets)
    let program = try MemoryFile.make("slipway") {
      try TreeArchive.extract(
        "slipway/bin/slipway", of: archive.descriptor, length: offered.targets.archive.length, manifest: release.tree,
        to: $0)
    }
    self.program = OpenFile(program)
    manifest = OpenFile(
      try MemoryFile.make("product.json") { try $0.writeFully(release.productBytes, path: "product.json") })
  }

  private struct Document: Decodable {
    let checks: [CheckResult]
  }

  private struct Refusal: Decodable {
    let code: Int32
    let error: String
    let message: String
    let remedy: String?
  }

  /// - Parameter arguments: beside `check`, the manifest and `--json`.
  /// - Returns: the outcome of every check.
  /// - Throws: what the program itself throws, such as a malformed configuration.
  func run(_ arguments: [String]) throws -> Checklist {
    let own = ["slipway", "check", "--json", "--before-installation", "--manifest", path(manifest)]
    let answer = try Child.output(path(program), own + arguments, patience: Self.patience)
    let lines = answer.split(separator: UInt8(ascii: "\n")).map(Array.init)
    if let first = lines.first, let document = try? JSON.decode(Document.self, first) {
      return Checklist(results: document.checks)
    }
    if let last = lines.last, let refusal = try? JSON.decode(Refusal.self, last),
      let code = ExitCode(rawValue: refusal.code)
    {
      throw Failure(code, name: refusal.error, refusal.message, remedy: refusal.remedy)
    }
    throw Failure(
      .archiveRefused, name: "updater", "the release's own slipway does not answer",
      remedy: "the publisher must pack a working updater for this platform")
  }

  /// What the program is run by; it is inherited.
  var path: String {
    _ = fcntl(program.descriptor.rawValue, F_SETFD, 0)
    return path(program)
  }

  private func path(_ file: OpenFile) -> String { "/proc/self/fd/\(file.descriptor.rawValue)" }
}
