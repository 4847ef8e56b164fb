import ArgumentParser
import Console
import Installation
import Posix
import Updating

/// `slipway verify`: the installed tree against its sealed manifest.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Compare the installed tree with its sealed tree manifest.",
    discussion: "Example: sudo slipway verify")

  struct Document: Encodable {
    let schema = "slipway.verify/1"
    let product: String
    let version: String
    let ok: Bool
    let differences: [String]
  }

  @OptionGroup var options: Options

  func run() throws {
    let layout = try options.installed()
    let store = try VersionStore(layout)
    guard let version = store.version(.current) else {
      throw InstallationError(
        .damaged, "\(store.path(.current)) names no version",
        remedy: "run `slipway recover`; if that does not help, \(InstallationError.installAnew)")
    }
    let tree = try Directory.open(store.path(of: version))
    let found = try store.manifest(of: version).manifest.differences(in: tree, checkHashes: true).map { "\($0)" }
    if options.json {
      try Output.document(
        Document(product: layout.product.text, version: version.description, ok: found.isEmpty, differences: found))
    }
    guard found.isEmpty else {
      found.forEach(Output.tell)
      let failure = Failure(
        .damaged, name: "damaged",
        "\(layout.product) \(version) differs from its sealed manifest in \(found.count) places",
        remedy: InstallationError.installAnew)
      guard options.json else { throw failure }
      // The document has been given; a second one would be the error's.
      Output.tell(failure)
      throw ArgumentParser.ExitCode(failure.code.rawValue)
    }
    if !options.json { Output.line("\(layout.product) \(version): as sealed") }
  }
}
