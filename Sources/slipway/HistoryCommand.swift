import ArgumentParser
import Console
import Installation
import Posix
import Product
import ProductTOML
import Updating

/// `slipway history`: what was installed, left, refused, when, why, by whom.
struct HistoryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "Show what was installed, left, refused, when, why, and by whom.",
    discussion: """
      Example: slipway history --since 2026-11-01
      Example: slipway history --since 7d --json
      Each line of the history carries the hash of the one before. Where one was changed or taken away, that is said, and
      the exit code is 20; docs/events.md describes the events.
      """)

  @Option(help: "Only from then on: 2026-11-22, 2026-11-22T10:00:00Z, or as long ago as 12h, 7d.") var since: String?
  @OptionGroup var options: Options

  func run() throws {
    let layout = try options.installed()
    let report = try HistoryReport(layout, since: try since.map(Self.time))
    if options.json {
      try Output.document(report)
    } else {
      // One line each: what a stranger has put into an event is not to look like another.
      for event in report.events {
        Output.line("\(event.at)  \(event.kind)  \(event.sentence)  [\(event.by)]".sanitized(limit: .max))
      }
      if report.events.isEmpty { Output.tell("nothing has happened in that time") }
    }
    if let torn = report.torn {
      Output.tell("WARNING: \(torn) bytes at the end are a torn line; the next event cuts it off")
    }
    guard let fault = report.fault else { return }
    Output.tell(
      Failure(
        .untrusted, name: "lengthOrHash", "\(layout.state)/\(fault.file), line \(fault.line): \(fault.reason)",
        remedy: "somebody has changed it, or the disk has: `journalctl SLIPWAY_PRODUCT=\(layout.product)` tells it too")
    )
    throw ArgumentParser.ExitCode(Product.ExitCode.untrusted.rawValue)
  }

  static func time(_ text: String) throws -> Timestamp {
    for spelling in [text, text + "T00:00:00Z"] {
      if let time = try? Timestamp(spelling) { return time }
    }
    if let seconds = Quantity.seconds(text), seconds >= 0 {
      return Timestamp(seconds: max(0, HostClock.wallSeconds() - seconds))
    }
    throw Failure(
      .usage, name: "usage", "--since '\(text)' is no time", remedy: "for example: 2026-11-22, 2026-11-22T10:00:00Z, 7d"
    )
  }
}
