import ArgumentParser
import Console
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
  @Option(help: "The open descriptor of the bundle.") var bundleDescriptor: Int32 = -1
  @Option(help: "Where the bundle begins in it, in bytes.") var bundleStart: Int64 = 0
  @Option(help: "Where it ends.") var bundleEnd: Int64 = 0
  @Option(help: "A bundle folder instead.") var bundleFolder: String?
  @Option(help: "The staging folder's name.") var staged = ""
  @Option(help: "The version that is staged.") var versionStaged = ""
  @Option(help: "Becomes config.toml.") var config: String?
  @Option(help: "Becomes enrolment.key.") var enrolmentKey: String?
  @Option(help: "A repository's address; may be repeated.") var repository: [RepositoryBase] = []
  @Option(help: "A copy of the install log.") var log: String?
  @Option(help: "The descriptor that holds the product's lock.") var lockDescriptor: Int32?
  @Option(help: "A folder that the bootstrapper has made; may be repeated.") var made: [String] = []
  @Flag(help: "Only take over settings.") var settingsOnly = false
  @Flag var noStart = false
  @Flag var quiet = false

  func run() async throws {
    try options.requireRoot()
    let layout = try options.layout()
    let log = InstallLog(layout, copy: log.map { FilePathArgument.absolute($0) })
    do {
      let lock = try takeLock(layout)
      try Settings(try options.device(layout, by: .caller)).take(
        config: config, enrolmentKey: enrolmentKey, repositories: repository)
      let result: String
      if settingsOnly {
        result = "alreadyCurrent"
      } else {
        result = try await install(layout, log)
      }
      log.write("result: \(result)")
      if options.json {
        try Output.document(
          Document(
            result: result, product: layout.product.text,
            version: try VersionStore(layout).version(.current)?.description ?? versionStaged,
            log: layout.installLog.string))
      }
      _ = consume lock
      if !quiet { Output.tell("Finished") }
    } catch {
      let failure = Failure(error)
      if takeBack(layout) { Output.fail(failure) }
      log.write("failed: \(failure.message)")
      Output.fail(failure, log: layout.installLog.string)
    }
  }

  /// Where nothing but the bootstrapper's folders has come to be, the machine is left as it was found.
  private func takeBack(_ layout: Layout) -> Bool {
    guard !settingsOnly, let files = try? StateFiles(layout) else { return false }
    do { guard try files.state() == nil else { return false } } catch { return false }
    try? VersionStore(layout).removeStaging(staged)
    Preparation(layout).remove(made.map { FilePath($0) })
    return true
  }

  /// The bootstrapper's, or one of our own where it handed none over.
  private func takeLock(_ layout: Layout) throws -> FileLock {
    if let lockDescriptor { return FileLock(handedOver: lockDescriptor) }
    return try ChangeLock.take(layout)
  }

  private func install(_ layout: Layout, _ log: InstallLog) async throws -> String {
    let device = try options.device(layout, writer: "apply", by: .caller)
    try device.requireConfiguration()
    let say: @Sendable (String) -> Void = { [quiet] text in
      log.write(text)
      if !quiet { Output.tell(text) }
    }
    let outcome = try await install(device, say)
    if outcome == .installedNotStarted, !noStart {
      say("Services were not started: there is no systemd here (use `slipway run`)")
    }
    return outcome.rawValue
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
    let version = try SemanticVersion(versionStaged)
    guard let targets = try await door.targets(of: version) else {
      throw BundleError(.missing, "the bundle does not sign \(version)")
    }
    let release = try door.release(targets)
    let start = !noStart && Host.canStartServices(device.layout)
    return try await Install(device, say: say).run(release, door: &door, staged: staged, start: start)
  }
}
