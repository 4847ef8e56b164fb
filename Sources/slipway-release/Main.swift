import ArgumentParser
import Console
import Dispatch
import Glibc
import Installation

@main
enum Main {
  static func main() {
    if let (message, help) = CommandWords.dash(in: CommandLine.arguments.dropFirst()) {
      Output.fail(usage: message, help: help)
    }
    do {
      var command = try ReleaseCommand.parseAsRoot()
      guard let verb = command as? any AsyncVerb else { return try command.run() }
      Task {
        do { try await verb.work() } catch { end(with: error) }
        exit(0)
      }
    } catch { end(with: error) }
    dispatchMain()
  }

  /// Help, usage and the verbs' own exit codes are ArgumentParser's; everything else is an error to tell.
  private static func end(with error: any Error) -> Never {
    if ReleaseCommand.exitCode(for: error) == .validationFailure {
      let message = ReleaseCommand.message(for: error)
      let help = String(ReleaseCommand.fullMessage(for: error).dropFirst("Error: ".count + message.count))
      Output.fail(usage: message, help: help)
    }
    if ReleaseCommand.exitCode(for: error) != .failure || error is ExitCode { ReleaseCommand.exit(withError: error) }
    Output.fail(Failure(error))
  }
}

struct ReleaseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "slipway-release",
    abstract: "Packs releases, signs them, and keeps the repository that devices update from.",
    discussion: """
      Example, from nothing to a file that installs:
        slipway-release init --repository repo --keys keys
        slipway-release pack --repository repo --keys keys --manifest agent.toml --tree build \\
            --version 1.0.0 --platform linux-x86_64 --updater slipway
        slipway-release promote room-agent 1.0.0 --channel stable --repository repo --keys keys
        slipway-release setup room-agent 1.0.0 --platform linux-x86_64 --repository repo \\
            --output room-agent-1.0.0-linux-x86_64.run

      Keys are read with the passphrase from --passphrase-file, SLIPWAY_PASSPHRASE, or a question on the terminal.
      Exit codes: 0 done, 20 trust, 21 expired, 23 no repository, 30 disk space, 31 file system, 32 locked, 64 usage,
      65 bad input, 70 forbidden version.
      """,
    version: "slipway-release 0.1.0",
    subcommands: [
      Init.self, Pack.self, Promote.self, Halt.self, Resume.self, ChangePolicy.self, MakeBundle.self, MakeSetup.self,
      Publish.self, Mirror.self, Sign.self, MakeKey.self,
      AddKey.self, RemoveKey.self, Rotate.self, Delegate.self, Undelegate.self, Resign.self, Verify.self, Status.self,
      Prune.self,
      Serve.self,
    ])
}

/// A verb that waits for something: a client that looks at what was made.
protocol AsyncVerb: ParsableCommand, Sendable {
  func work() async throws
}
