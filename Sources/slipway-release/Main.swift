import ArgumentParser
import Dispatch
import Glibc

@main
enum Main {
  static func main() {
    let command: any ParsableCommand
    do { command = try ReleaseCommand.parseAsRoot() } catch { ReleaseCommand.exit(withError: error) }
    let output = (command as? any Verb)?.output ?? OutputOptions()
    guard let verb = command as? any AsyncVerb else {
      var command = command
      do { try command.run() } catch { output.fail(error) }
      return
    }
    Task {
      do {
        try await verb.work()
        exit(0)
      } catch { output.fail(error) }
    }
    dispatchMain()
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
      Exit codes: 0 done, 20 trust, 21 expired, 23 no repository, 31 file system, 32 locked, 64 usage, 65 bad input,
      70 forbidden version.
      """,
    version: "slipway-release 0.1.0",
    subcommands: [
      Init.self, Pack.self, Promote.self, MakeBundle.self, MakeSetup.self, Publish.self, Resign.self, Verify.self,
      Status.self, Serve.self,
    ])
}

/// A command that tells its result to people or to machines.
protocol Verb: ParsableCommand {
  var output: OutputOptions { get }
}

/// A verb that waits for something: a client that looks at what was made.
protocol AsyncVerb: Verb, Sendable {
  func work() async throws
}
