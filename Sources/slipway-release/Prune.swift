import ArgumentParser
import Posix
import Publishing
import SystemPackage

struct Prune: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Remove targets and old metadata that nothing names any more, after a grace period.",
    discussion: """
      Example, weekly:
        slipway-release prune --repository repo --grace 14d

      A device that read an older state a moment ago may still ask for what it names, so a file is removed only when an
      earlier run has found it unreferenced, that long ago. Roots are kept for ever. Name proposals that are under way with
      --proposal; a folder that `publish` writes to can be pruned as well.
      """)

  @OptionGroup var repository: RepositoryOptions
  @OptionGroup var output: OutputOptions

  @Option(help: ArgumentHelp("How long a file must have been unreferenced, such as 14d.", valueName: "time"))
  var grace = "14d"

  @Option(
    name: .customLong("proposal"),
    help: ArgumentHelp("A proposal whose targets are kept; may be given several times.", valueName: "file"))
  var proposals: [String] = []

  @Flag(help: "Only tell what would be removed.")
  var dryRun = false

  func run() throws {
    guard let seconds = Time.seconds(grace) else {
      throw ValidationError("--grace '\(grace)' is not a time, such as 14d or 12h.")
    }
    let result = try Pruning(grace: seconds, proposals: proposals.map { FilePath($0) }, isDry: dryRun)
      .run(repository: repository.path, now: HostClock.wallSeconds())
    let verb = dryRun ? "Would remove" : "Removed"
    try output.done(
      Document(dryRun: dryRun, removed: result.removed, freed: result.freed, waiting: result.waiting),
      result.removed.map { "\(verb) \($0)" } + [
        "\(verb) \(result.removed.count) files, \(result.freed) bytes; \(result.waiting.count) wait for the grace period"
      ])
  }

  private struct Document: Encodable {
    let schema = "slipway.prune/1"
    let dryRun: Bool
    let removed: [String]
    /// Bytes.
    let freed: Int64
    let waiting: [String]
  }
}
