import ArgumentParser
import Console
import FoundationEssentials
import Installation
import Posix
import Product
import Services
import SystemPackage
import Updating

/// `slipway offboard`: removes the product and everything it brought, and gives back what was taken over.
struct OffboardCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "offboard", abstract: "Remove the product and give the machine back.",
    discussion: "Example: sudo slipway offboard --yes --report removed.json")

  struct Document: Encodable {
    let schema = "slipway.offboard/1"
    let product: String
    let result: String
    let steps: [String]
  }

  @OptionGroup var options: Options
  @Flag(help: "Do not ask.") var yes = false
  @Flag(help: "Leave the logs.") var keepLogs = false
  @Flag(help: "Leave the product's data.") var keepData = false
  @Option(help: "Write what was done into FILE (JSON).") var report: String?
  @Flag(help: "List what would be touched; touch nothing.") var dryRun = false

  func run() async throws {
    try options.requireRoot()
    let layout = try options.layout()
    if !dryRun { try confirm(layout) }
    let offboarding = Offboarding(layout)
    if !dryRun, let device = try? options.device(layout, by: .caller) {
      device.history.note(Event(.offboarded))
      await offboarding.runHooks(device, say: Output.tell)
      // Its processes must not outlive their users.
      if let supervised = device.services as? Supervised { try await supervised.end() }
    }
    let (code, lines) = try await offboarding.run(.init(keepLogs: keepLogs, keepData: keepData, dryRun: dryRun))
    let document = Document(
      product: layout.product.text, result: code != 0 ? "failed" : dryRun ? "dryRun" : "offboarded", steps: lines)
    if let report {
      let path = FilePathArgument.absolute(report)
      try DurableFile.write(
        try JSON.encode(document), path.lastComponent?.string ?? "report.json",
        in: try Directory.open(path.removingLastComponent()), mode: 0o600)
    }
    if options.json { try Output.document(document) } else { lines.forEach(Output.line) }
    guard code == 0 else { throw ArgumentParser.ExitCode(code) }
  }

  private func confirm(_ layout: Layout) throws {
    if yes { return }
    guard Host.isTerminal else {
      throw Failure(
        .usage, name: "usage", "offboard asks before it removes \(layout.product), and there is no terminal to ask on",
        remedy: "add --yes")
    }
    guard Output.ask("Remove \(layout.product) from this machine?") else {
      throw Failure(
        .interrupted, name: "interrupted", "nothing was removed", remedy: "run it again and answer yes to remove it")
    }
  }
}
