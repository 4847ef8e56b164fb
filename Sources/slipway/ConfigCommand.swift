import ArgumentParser
import Console
import Installation
import Product
import ProductTOML

/// `slipway config`: the admin's wishes, whichever file says them.
struct ConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config", abstract: "Show or change what config.toml and config.d say.",
    discussion: "Example: slipway config show --origin", subcommands: [ConfigShowCommand.self, Set.self, Unset.self])

  struct Set: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "set", abstract: "Set one key in config.d/90-local.toml.",
      discussion: """
        Example: sudo slipway config set updates.interval 30min
        Example: sudo slipway config set updates.window '["Mon..Fri 22:00..05:00"]'
        VALUE is as TOML writes it; quotes around a single word or time may be left out.
        """)

    @Argument(help: "The key with its table: updates.interval.", completion: .list(ConfigTOML.keys)) var key: String
    @Argument(help: "The value.") var value: String
    @OptionGroup var options: Options

    func run() throws {
      try Wish(options).take(key, says: "\(key) is set") { wishes in
        let others = ConfigTOML.entries(wishes).filter { $0.key != key }
        wishes = try Self.parse(others, key, [value, ConfigTOML.quoted(value)])
      }
    }

    /// The first of the spellings that reads; the error is that of the first that is TOML at all.
    private static func parse(
      _ others: [ConfigTOML.Entry], _ key: String, _ spellings: [String]
    ) throws -> Configuration {
      var failure: ProductTOMLError?
      for spelling in spellings where !spelling.utf8.contains(10) {
        do {
          return try ConfigTOML.parse(ConfigTOML.text(others + [.init(key, spelling)]), file: "slipway config set")
        } catch {
          if failure == nil || failure?.code == .syntax { failure = error }
        }
      }
      throw Failure(
        .usage, name: "usage", failure.map { "\($0)" } ?? "a value has one line",
        remedy: "`slipway config set --help` has examples; nothing was changed")
    }
  }

  struct Unset: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "unset", abstract: "Take one key out of config.d/90-local.toml.",
      discussion: "Example: sudo slipway config unset updates.interval")

    @Argument(help: "The key with its table: updates.interval.", completion: .list(ConfigTOML.keys)) var key: String
    @OptionGroup var options: Options

    func run() throws {
      try Wish(options).take(key, says: "\(key) is not set in \(LocalConfiguration.name)") { wishes in
        let before = ConfigTOML.entries(wishes)
        let rest = before.filter { $0.key != key }
        guard rest.count < before.count else {
          throw Failure(
            .usage, name: "usage", "\(LocalConfiguration.name) does not set '\(key)'",
            remedy: "`slipway config show --origin` says which file does")
        }
        wishes = try ConfigTOML.parse(ConfigTOML.text(rest), file: "slipway config unset")
      }
    }
  }
}
