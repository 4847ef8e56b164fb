import Cryptography
import Glibc
import Posix
import Subprocess
import SystemPackage
import Testing

/// Every seed and every kept find goes through its parser, without a fuzzer.
@Suite struct ReplayTests {
  @Test(arguments: FuzzTarget.all) func everyKeptInputIsAnswered(_ target: FuzzTarget) throws {
    let seeds = try Self.inputs("corpus", target)
    #expect(!seeds.isEmpty, "no seeds for \(target.name)")
    var accepted = 0
    for (path, bytes) in try seeds + Self.inputs("finds", target) {
      do throws(Finding) {
        if try target.run(bytes) { accepted += 1 }
      } catch {
        Issue.record("\(path): \(error)")
      }
    }
    // Seeds that are all refused would show nothing beyond the first check.
    #expect(accepted > 0, "\(target.name) accepts none of its \(seeds.count) seeds")
  }

  @Test func everyFolderHasATarget() throws {
    let targets = Set(FuzzTarget.all.map(\.name))
    for kind in ["corpus", "finds"] {
      let folders = try Directory.open(Self.folder.appending(kind)).names()
      #expect(Set(folders).subtracting(targets).isEmpty, "\(kind)")
    }
  }

  /// What is accepted here python-tuf accepts too, and securesystemslib makes the same canonical JSON of it.
  @Test(
    .enabled(if: python != nil, "SLIPWAY_PYTHON is not set"), arguments: FuzzTarget.all.filter { $0.canonical != nil })
  func pythonAcceptsWhatIsAccepted(_ target: FuzzTarget) async throws {
    var lines = ""
    for (path, bytes) in try Self.inputs("corpus", target) + Self.inputs("finds", target) {
      guard try target.run(bytes), let canonical = target.canonical?(bytes) else { continue }
      lines += "\(path) \(Hex.encode(canonical))\n"
    }
    let answer = try await run(
      .path(FilePath(try #require(Self.python))), arguments: [Self.folder.appending("agree.py").string, target.name],
      input: .string(lines), output: .string(limit: 1 << 20),
      error: .string(limit: 1 << 20))
    #expect(answer.terminationStatus.isSuccess, "\(answer.standardOutput) \(answer.standardError)")
  }

  private static let folder = FilePath(#filePath).removingLastComponent()
  private static let python = getenv("SLIPWAY_PYTHON").map { String(cString: $0) }

  private static func inputs(_ kind: String, _ target: FuzzTarget) throws -> [(FilePath, [UInt8])] {
    let path = folder.appending(kind).appending(target.name)
    guard let directory = try? Directory.open(path) else { return [] }
    return try directory.names().map { name in
      (path.appending(name), try #require(try directory.read(name, limit: 1 << 20)))
    }
  }
}
