import Console
import Installation
import Product

/// The licence: shown and asked for on a terminal, an error where nobody can be asked.
struct Licence {
  let command: SetupCommand

  init(_ command: SetupCommand) { self.command = command }

  func accept(_ product: ProductManifest, on elevation: Elevation) throws {
    guard let licence = product.licence, !command.acceptLicense, !command.checkOnly else { return }
    guard !command.quiet, Host.isTerminal else {
      throw Failure(
        .licenceNotAccepted, name: "licence", "the licence of \(product.name.text) has not been accepted",
        remedy: "read it (run this file on a terminal), then add --accept-license")
    }
    Output.tell(licence.text(for: Host.language))
    guard Output.ask("Do you accept this licence?") else {
      throw Failure(
        .licenceNotAccepted, name: "licence", "the licence was not accepted; nothing was changed",
        remedy: "run it again to accept it")
    }
  }
}
