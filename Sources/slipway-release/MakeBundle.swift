import ArgumentParser
import Glibc
import Posix
import Product
import Publishing
import SystemPackage

struct MakeBundle: AsyncVerb {
  static let configuration = CommandConfiguration(
    commandName: "bundle", abstract: "Write one release with its metadata into a file, for devices without a network.",
    discussion: """
      Example:
        slipway-release bundle room-agent 1.4.2 --platform linux-x86_64 --repository repo --output room-agent.bundle

      On the device: slipway update --from room-agent.bundle
      """)

  @OptionGroup var release: ReleaseArguments
  @OptionGroup var repository: RepositoryOptions
  @OptionGroup var output: OutputOptions

  @Option(help: "The platform, such as linux-x86_64.")
  var platform: Platform

  @Option(name: .customLong("output"), help: ArgumentHelp("The file to write.", valueName: "file"))
  var file: String

  func work() async throws {
    let identity = ReleaseIdentity(id: release.product, version: release.version, platform: platform)
    let result = try await Bundling(identity, now: HostClock.wallSeconds())
      .bundle(repository: repository.path, to: FilePath(file))
    try output.done(
      BundleDocument("slipway.bundle/1", identity, file, result), ["Wrote \(file) (\(result.length) bytes)"])
  }
}

struct MakeSetup: AsyncVerb {
  static let configuration = CommandConfiguration(
    commandName: "setup", abstract: "Write a Setup file: one executable that installs the product.",
    discussion: """
      Example:
        slipway-release setup room-agent 1.4.2 --platform linux-x86_64 --repository repo \\
            --output room-agent-1.4.2-linux-x86_64.run

      On the device: ./room-agent-1.4.2-linux-x86_64.run. The root of trust inside proves that the file is whole, not
      where it comes from: publish its SHA-256 or a signature beside it, or have it run with --expect-root.
      """)

  @OptionGroup var release: ReleaseArguments
  @OptionGroup var repository: RepositoryOptions
  @OptionGroup var output: OutputOptions

  @Option(help: "The platform, such as linux-x86_64.")
  var platform: Platform

  @Option(
    help: ArgumentHelp(
      "The `slipway-setup` for that platform; the one beside this program unless given.", valueName: "file"))
  var setupBinary: String?

  @Option(name: .customLong("output"), help: ArgumentHelp("The file to write, such as NAME.run.", valueName: "file"))
  var file: String

  func work() async throws {
    let identity = ReleaseIdentity(id: release.product, version: release.version, platform: platform)
    let executable = try setupBinary.map { FilePath($0) } ?? Self.besideThisProgram()
    let result = try await Bundling(identity, now: HostClock.wallSeconds())
      .setup(repository: repository.path, executable: executable, to: FilePath(file))
    try output.done(
      BundleDocument("slipway.setup/1", identity, file, result),
      [
        "Wrote \(file) (\(result.length) bytes)", "SHA-256 \(result.sha256)",
        "Root of trust, for --expect-root: \(result.rootFingerprint)",
      ])
  }

  private static func besideThisProgram() throws -> FilePath {
    let own = try Directory.open(FilePath("/proc/\(getpid())")).readLink("exe") ?? ""
    return FilePath(own).removingLastComponent().appending("slipway-setup")
  }
}

/// `slipway.bundle/1` and `slipway.setup/1`.
private struct BundleDocument: Encodable {
  let schema: String
  let product: String
  let version: String
  let platform: String
  let file: String
  let length: Int64
  let sha256: String
  let root: String

  init(_ schema: String, _ release: ReleaseIdentity, _ file: String, _ result: Bundling.Result) {
    self.schema = schema
    product = release.id.text
    version = release.version.description
    platform = release.platform.text
    self.file = file
    length = result.length
    sha256 = result.sha256.hex
    root = result.rootFingerprint
  }
}
