import ArgumentParser
import Console
import Installation
import Posix
import Product
import ProductTOML

/// `slipway hold`: no restart of the agent for a while.
struct HoldCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hold", abstract: "Have no update restart the agent meanwhile.",
    discussion: """
      Example: sudo slipway hold --for 2h --reason 'board meeting'
      Downloads go on. A hold yields to `slipway update --force`, and to updates.deferMax (14 days; 4 hours for a version
      that the publisher calls critical). A version on probation that fails is rolled back all the same.
      """)

  @Option(name: .customLong("for"), help: "How long: 90min, 2h, 3d. Without it: until `slipway release`.")
  var duration: String?
  @Option(help: "Why; `slipway status` shows it.") var reason: String?
  @OptionGroup var options: Options

  func run() throws {
    var seconds: Int64?
    if let duration {
      guard let length = Quantity.seconds(duration), length > 0, length <= 365 * 86_400 else {
        throw Failure(
          .usage, name: "usage", "--for '\(duration)': \(Quantity.durationRule), of a year at most",
          remedy: "for example: slipway hold --for 2h")
      }
      seconds = length
    }
    let until = seconds.map { Timestamp(seconds: HostClock.wallSeconds() + $0) }
    try Wish(options).take("hold.until", says: until.map { "held until \($0)" } ?? "held until `slipway release`") {
      $0.hold = SwitchGate.Hold(until: until, reason: reason)
    }
  }
}

/// `slipway release`: the end of a hold.
struct ReleaseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "release", abstract: "End a hold: updates may restart the agent again.",
    discussion: "Example: sudo slipway release")

  @OptionGroup var options: Options

  func run() throws { try Wish(options).take("hold.until", says: "not held") { $0.hold = nil } }
}
