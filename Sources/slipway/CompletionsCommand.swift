import ArgumentParser
import Console
import Installation
import Posix
import SystemPackage

/// `slipway completions`: what a shell needs to complete verbs and options.
struct CompletionsCommand: ParsableCommand {
  enum Shell: String, ExpressibleByArgument, CaseIterable { case bash, zsh, fish }

  static let configuration = CommandConfiguration(
    commandName: "completions", abstract: "Print a shell's completions of slipway.",
    discussion: """
      Example: source <(slipway completions bash)
      Example: slipway completions fish > ~/.config/fish/completions/slipway.fish
      Example: slipway completions zsh > ~/.zfunc/_slipway
      """)

  @Argument(help: "bash, zsh or fish.") var shell: Shell

  func run() {
    let kind: CompletionShell =
      switch shell {
      case .bash: .bash
      case .zsh: .zsh
      case .fish: .fish
      }
    Output.line(SlipwayCommand.completionScript(for: kind))
  }
}

/// `slipway manual`: the man page.
struct ManualCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "manual", abstract: "Print the man page of slipway.",
    discussion: "Example: slipway manual | man -l -")

  @Flag(help: .hidden) var dump = false

  func run() throws {
    // Those of the other programs are made by `scripts/manuals` with this flag, from what their parsers say of themselves.
    let text = dump ? try Array(Self.input()) : Array(SlipwayCommand._dumpHelp().utf8)
    let page: ManualPage
    do { page = try ManualPage(dump: text) } catch {
      throw Failure(
        .malformedInput, name: "invalidInput", "standard input: this is not what a program says of itself",
        remedy: "for example: slipway-release --experimental-dump-help | slipway manual --dump")
    }
    Output.line(page.text)
  }

  private static func input() throws -> [UInt8] {
    try FileDescriptor.standardInput.readAll(limit: 4 << 20, path: "standard input")
  }
}
