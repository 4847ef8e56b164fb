import ArgumentParser
import Console
import Glibc
import Installation
import Updating

/// The updater on a device: a verb a file, the parts that the units run among them.
struct SlipwayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "slipway",
    abstract: "Keeps what Slipway installed on this device current, and removes it without a trace.",
    discussion: """
      Example: slipway status --json
      Each error says what to do; docs/troubleshooting.md has a row for every exit code.
      """,
    version: Build.version,
    subcommands: [
      ListCommand.self, StatusCommand.self, HistoryCommand.self, LogsCommand.self, CheckCommand.self,
      UpdateCommand.self,
      RollbackCommand.self,
      PinCommand.self, UnpinCommand.self, ChannelCommand.self, UpdatesCommand.self, HoldCommand.self,
      ReleaseCommand.self, ConfigCommand.self, RecoverCommand.self, VerifyCommand.self, OffboardCommand.self,
      RunCommand.self, UnitsCommand.self, CompletionsCommand.self, ManualCommand.self,
      ProxyCommand.self, IdentityCommand.self, SignerCommand.self,
      FetchCommand.self, ApplyCommand.self, ProveCommand.self, ProbeCommand.self, DataCommand.self,
      SelfTestCommand.self,
      InstallCommand.self, CheckNetworkCommand.self,
    ])

  static func main() async {
    // Windows are in the device's time, not in that of whoever types.
    unsetenv("TZ")
    let words = CommandLine.arguments.dropFirst()
    if let (message, help) = Verbs.mistake(in: words) ?? CommandWords.dash(in: words) {
      Output.fail(usage: message, help: help)
    }
    do {
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch let failure as Failure {
      Output.fail(failure)
    } catch let error where Self.exitCode(for: error) == .failure {
      Output.fail(Failure(error))
    } catch let error where Self.exitCode(for: error) == .validationFailure {
      let message = Self.message(for: error)
      Output.fail(usage: message, help: String(Self.fullMessage(for: error).dropFirst("Error: ".count + message.count)))
    } catch {
      // --help and --version are the argument parser's own, and so are the codes that a verb ends with.
      exit(withError: error)
    }
  }
}
