import ArgumentParser
import Console
import Installation
import Prerequisites
import Product
import SystemPackage

/// The bootstrapper: verifies the bundle it carries, checks the machine, unpacks, and hands over to the `slipway` inside
/// the verified tree.
@main
struct SetupCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "slipway-setup",
    abstract: "Installs a product with its agent and updater.",
    discussion: """
      Example: sudo ./room-agent-1.0.0-linux-x86_64.run --quiet --accept-license
      A product's Setup file is this program with a signed bundle appended. It is safe to interrupt and to run again.
      Each error says what to do; docs/troubleshooting.md has a row for every exit code.
      """,
    version: "0.1.0")

  @Option(help: "Install below DIR instead of /.") var root: String = "/"
  @Flag(help: "Accept the licence without being asked.") var acceptLicense = false
  @Flag(help: "Never ask; print nothing but errors.") var quiet = false
  @Flag(help: "JSON on standard output, the last line being the result.") var json = false
  @Flag(help: "Check the machine and stop.") var checkOnly = false
  @Flag(help: "Show product, version, trusted root and expiry; needs no elevation.") var info = false
  @Flag(help: "Say what is installed compared with this file; needs no elevation.") var detect = false
  @Option(help: "A bundle (file or folder) instead of the appended one.") var bundle: String?
  @Option(help: "The root.json to trust, with --bundle.") var trustRoot: String?
  @Option(help: "The SHA-256 that the root of trust must have.") var expectRoot: String?
  @Option(help: "Put FILE at /etc/slipway/ID/enrolment.key.") var enrolmentKey: String?
  @Option(help: "Put FILE at /etc/slipway/ID/config.toml.") var config: String?
  @Option(help: "Use this repository (URL above metadata/ and targets/); may be repeated.") var repository:
    [RepositoryBase] = []
  @Option(help: "Also write the install log to FILE.") var log: String?
  @Option(help: "Leave one check out; may be repeated.") var skip: [Check] = []
  @Flag(help: "Install, but start nothing.") var noStart = false

  static func main() async {
    do {
      var command = try Self.parse()
      try await command.run()
    } catch let error where Self.exitCode(for: error) == .failure {
      Output.fail(Failure(known: error) ?? Failure(unknown: error))
    } catch let error where Self.exitCode(for: error) == .validationFailure {
      let message = Self.message(for: error)
      Output.fail(usage: message, help: String(Self.fullMessage(for: error).dropFirst("Error: ".count + message.count)))
    } catch {
      exit(withError: error)
    }
  }

  mutating func run() async throws {
    try await SetupRun(self).run()
  }

  func validate() throws {
    guard !root.isEmpty else { throw ValidationError("--root needs a folder.") }
  }

  func absolute(_ path: String) -> FilePath { FilePathArgument.absolute(path) }

  var rootPath: FilePath { FilePathArgument.resolved(root) }
}

extension Check: ExpressibleByArgument {}
extension RepositoryBase: ExpressibleByArgument {}
