import ArgumentParser
import Bundles
import Cryptography
import Glibc
import Installation
import Posix
import Product
import SystemPackage
import TUF
import Updating

/// `slipway install`: what the bootstrapper hands over to, once the tree that holds this very program is verified and
/// staged. Not for people: `slipway-setup` is.
struct InstallCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "install", abstract: "Finish what the Setup file has verified and staged.", shouldDisplay: false)

  struct Document: Encodable {
    let schema = "slipway.setup/1"
    let result: String
    let product: String
    let version: String
    let log: String
  }

  @OptionGroup var options: Options
  @Option(help: "The open descriptor of the bundle.") var bundleDescriptor: Int32
  @Option(help: "Where the bundle begins in it, in bytes.") var bundleStart: Int64
  @Option(help: "Where it ends.") var bundleEnd: Int64
  @Option(help: "A bundle folder instead.") var bundleFolder: String?
  @Option(help: "The staging folder's name.") var staged: String
  @Option(help: "The version that is staged.") var version: String
  @Flag var noStart = false
  @Flag var quiet = false

  func run() async throws {
    try options.requireRoot()
    let layout = try options.layout()
    let device = try options.device(layout, writer: "apply")
    let log = InstallLog(layout)
    let say: @Sendable (String) -> Void = { [quiet] text in
      log.write(text)
      if !quiet { Output.tell(text) }
    }
    do {
      let outcome = try await install(device, say)
      log.write("result: \(outcome.rawValue)")
      if options.json {
        try Output.document(
          Document(
            result: outcome.rawValue, product: layout.product.text, version: version, log: layout.installLog.string))
      }
      if outcome == .installedNotStarted {
        say("Services were not started: there is no systemd here (use `slipway run`)")
      }
      if !quiet { Output.tell("Finished") }
    } catch {
      let failure = Failure(error)
      log.write("failed: \(failure.message)")
      if !quiet { Output.tell("The install log is \(layout.installLog)") }
      throw failure
    }
  }

  private func install(_ device: Device, _ say: @escaping @Sendable (String) -> Void) async throws -> Install.Outcome {
    let source: any BundleSource
    if let bundleFolder {
      source = try FolderBundle(FilePath(bundleFolder))
    } else {
      source = try FileBundle(
        OpenFile(FileDescriptor(rawValue: bundleDescriptor)), range: bundleStart..<bundleEnd, name: "the Setup file")
    }
    var door = try device.installDoor(source)
    try await door.refresh()
    let version = try SemanticVersion(version)
    guard let targets = try await door.targets(of: version) else {
      throw BundleError(.missing, "the bundle does not sign \(version)")
    }
    let release = try door.release(targets)
    let start = !noStart && Host.canStartServices(device.layout)
    return try await Install(device, say: say).run(release, door: door, staged: staged, start: start)
  }
}

/// `install.log`: what support asks for first.
struct InstallLog: Sendable {
  private let file: FileDescriptor?

  init(_ layout: Layout) {
    file = (try? Directory.open(layout.logs)).flatMap { try? $0.append(to: "install.log", mode: 0o640) }
  }

  func write(_ text: String) {
    let now = Product.Timestamp(seconds: HostClock.wallSeconds())
    try? file?.writeFully(Array("\(now) \(text)\n".utf8), path: "install.log")
  }
}
