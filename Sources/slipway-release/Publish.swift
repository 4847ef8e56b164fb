import ArgumentParser
import Posix
import Publishing
import SystemPackage

struct Publish: AsyncVerb {
  static let configuration = CommandConfiguration(
    abstract: "Copy the repository to where devices get it, so that they always see a consistent one.",
    discussion: """
      Example:
        slipway-release publish --repository repo --to /srv/www/updates

      Targets come first, metadata next, timestamp.json last of all; nothing is deleted. Interrupted, it can simply be
      run again.
      """)

  @OptionGroup var repository: RepositoryOptions
  @OptionGroup var output: OutputOptions

  @Option(help: ArgumentHelp("The folder to copy to.", valueName: "dir"))
  var to: String

  func work() async throws {
    let result = try await Publication(to: FilePath(to), now: HostClock.wallSeconds()).run(repository: repository.path)
    try output.done(
      Document(to: to, files: result.files, bytes: result.bytes, timestamp: result.version, expired: result.expired),
      ["Published timestamp \(result.version) to \(to): \(result.files) files, \(result.bytes) bytes"]
        + result.expired.map {
          "WARNING: the role '\($0)' has expired: \(Lifetimes.loss(of: $0))"
        })
  }

  private struct Document: Encodable {
    let schema = "slipway.publish/1"
    let to: String
    let files: Int
    let bytes: Int64
    let timestamp: Int
    let expired: [String]
  }
}
