import Bundles
import Console
import Glibc
import Installation
import Posix
import Product
import SystemPackage

/// Replaces this process by the `slipway` inside the verified tree, which finishes the installation: the open bundle
/// goes along as a descriptor, so both look at the same bytes.
struct Handover {
  let command: SetupCommand
  let layout: Layout
  let opened: OpenedBundle

  init(_ command: SetupCommand, _ layout: Layout, _ opened: OpenedBundle) {
    self.command = command
    self.layout = layout
    self.opened = opened
  }

  /// The lock goes along too: between the two processes nobody else can step in.
  ///
  /// - Parameter made: the folders that this run has made, for whoever has to take them back.
  func install(staged: String, version: SemanticVersion, lock: borrowing FileLock, made: [FilePath]) throws {
    var arguments = ["install", "--staged", staged, "--version-staged", "\(version)"] + common + settings + bundle
    arguments += ["--lock-descriptor", "\(lock.handOver())"]
    arguments += made.flatMap { ["--made", $0.string] }
    if command.noStart { arguments.append("--no-start") }
    let program = layout.versions.appending(staged).appending("slipway/bin/slipway").string
    Self.replaceProcess(by: program, [program] + arguments)
    throw Failure(
      .archiveRefused, name: "updater", "the release's own slipway cannot be run (\(String(cString: strerror(errno))))",
      remedy: "the publisher must pack a working updater for this platform")
  }

  /// --config, --enrolment-key and --repository also apply to what is installed already.
  func settingsOnly(installed: SemanticVersion) throws {
    let program = layout.versions.appending("current/slipway/bin/slipway").string
    Self.replaceProcess(by: program, [program, "install", "--settings-only"] + common + settings)
    throw Failure(.damaged, name: "damaged", "the installed slipway cannot be run", remedy: "run `slipway verify`")
  }

  /// What is installed is damaged, its `slipway` perhaps too: this release's, from memory, repairs it.
  func repair(by program: CheckProgram) throws {
    let arguments = ["install", "--repair"] + common + settings + bundle + (command.noStart ? ["--no-start"] : [])
    Self.replaceProcess(by: program.path, ["slipway"] + arguments)
    throw Failure(
      .archiveRefused, name: "updater", "the release's own slipway cannot be run (\(String(cString: strerror(errno))))",
      remedy: "the publisher must pack a working updater for this platform")
  }

  private var bundle: [String] {
    switch opened.place {
    case .file(let file, let range):
      _ = fcntl(file.descriptor.rawValue, F_SETFD, 0)
      return [
        "--bundle-descriptor", "\(file.descriptor.rawValue)", "--bundle-start", "\(range.lowerBound)", "--bundle-end",
        "\(range.upperBound)",
      ]
    case .folder(let path): return ["--bundle-folder", path.string]
    }
  }

  private var common: [String] {
    ["--root", layout.root.string, "--product", layout.product.text] + (command.json ? ["--json"] : [])
      + (command.quiet ? ["--quiet"] : [])
  }

  private var settings: [String] {
    var arguments: [String] = []
    if let config = command.config { arguments += ["--config", command.absolute(config).string] }
    if let key = command.enrolmentKey { arguments += ["--enrolment-key", command.absolute(key).string] }
    if let log = command.log { arguments += ["--log", command.absolute(log).string] }
    return arguments + command.repository.flatMap { ["--repository", $0.rawValue] }
  }

  /// execv(3); returns only when it fails.
  static func replaceProcess(by program: String, _ arguments: [String]) {
    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    _ = execv(program, &words)
    words.forEach { free($0) }
  }
}
