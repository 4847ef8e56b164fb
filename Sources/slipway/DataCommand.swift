import ArgumentParser
import Console
import Installation
import Product
import Updating

/// `slipway data`: work on the product's data folders, run as the agent's user while the agent is stopped.
struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Copy, bring back or measure the product's data (as apply and prove ask for).",
    discussion: "Example: slipway data copies --product room-agent", shouldDisplay: false)

  enum Work: String, ExpressibleByArgument, CaseIterable {
    case measure, leave, `return`, settle, copies
  }

  @OptionGroup var options: Options
  @Argument(help: "What to do.") var work: Work
  @Option(help: "measure: a folder; may be repeated.") var folder: [String] = []
  @Option(help: "The version whose data lies there.") var from: String?
  @Option(help: "The version that is switched to, or gone back to.") var to: String?
  @Flag(help: "return: a person asked for it.") var byHand = false

  func validate() throws {
    let missing =
      switch work {
      case .measure: folder.isEmpty ? "--folder" : nil
      case .leave, .return: from == nil || to == nil ? "--from and --to" : nil
      case .settle: to == nil ? "--to" : nil
      case .copies: String?.none
      }
    if let missing { throw ValidationError("\(work.rawValue) needs \(missing).") }
  }

  func run() throws {
    let moves = DataMoves(try options.installed())
    let (from, to) = (try from.map(SemanticVersion.init), try to.map(SemanticVersion.init))
    switch (work, from, to) {
    case (.measure, _, _): try Output.document(try moves.measure(folder))
    case (.leave, let from?, let to?): try moves.leave(from, for: to)
    case (.return, let from?, let to?): try moves.comeBack(from, to: to, byHand: byHand)
    case (.settle, _, let to?): try moves.settle(to)
    case (.copies, _, _):
      for (version, folders) in try moves.copies() { print((["\(version)"] + folders).joined(separator: " ")) }
    default: break
    }
  }
}
