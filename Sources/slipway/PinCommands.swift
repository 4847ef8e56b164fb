import ArgumentParser
import Console
import Installation
import Product

/// `slipway pin`: stay at a version, or go to it.
struct PinCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pin", abstract: "Go to a version and stay there, whatever the channel offers.",
    discussion: """
      Example: sudo slipway pin 1.4.2 --allow-downgrade
      The publisher's word still holds: a version that is blocked, halted or no longer signed is not taken.
      """)

  @Argument(help: "The version.") var version: String
  @Flag(help: "Even if it is older than what is installed.") var allowDowngrade = false
  @OptionGroup var options: Options

  func run() throws {
    let version = try Self.parse(version)
    try Wish(options).take("pin.version", says: "pinned to \(version)") {
      $0.pin = Configuration.Pin(version, allowDowngrade: allowDowngrade)
    }
  }

  static func parse(_ text: String, example: String = "slipway pin 1.4.2") throws -> SemanticVersion {
    do { return try SemanticVersion(text) } catch {
      throw Failure(
        .usage, name: "usage", "'\(text)' is no version: \(error.allowed)", remedy: "for example: \(example)")
    }
  }
}

/// `slipway unpin`: follow the channel again.
struct UnpinCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unpin", abstract: "Follow the channel again.",
    discussion: """
      Example: sudo slipway unpin
      Versions that were left by `slipway rollback --keep-good` are taken again too.
      """)

  @OptionGroup var options: Options

  func run() throws {
    try Wish(options).take("pin.version", says: "not pinned") {
      $0.pin = nil
      $0.avoided = nil
    }
  }
}

/// `slipway channel`: follow another channel.
struct ChannelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "channel", abstract: "Follow another channel.",
    discussion: """
      Example: sudo slipway channel beta
      Example: sudo slipway channel stable --allow-downgrade
      Without --allow-downgrade a device that is ahead of the new channel stays where it is until the channel overtakes it.
      """)

  @Argument(help: "The channel's name.") var name: String
  @Flag(help: "Go to the channel's version even if it is older.") var allowDowngrade = false
  @OptionGroup var options: Options

  func run() throws {
    try Wish(options).take("channel", says: "follows \(name)") {
      $0.channel = name
      $0.channelAllowsDowngrade = allowDowngrade ? true : nil
    }
  }
}

/// `slipway updates`: whether anything is applied unless a person asks.
struct UpdatesCommand: ParsableCommand {
  enum State: String, ExpressibleByArgument, CaseIterable { case on, off }

  static let configuration = CommandConfiguration(
    commandName: "updates", abstract: "Switch updates in the background on or off.",
    discussion: """
      Example: sudo slipway updates off
      A device that is off still looks, and says in `status` what it does not take; `slipway update --now` applies it.
      """)

  @Argument var state: State
  @OptionGroup var options: Options

  func run() throws {
    try Wish(options).take("updates.enabled", says: "updates are \(state.rawValue)") {
      $0.updatesOn = state == .on ? nil : false
    }
  }
}
