import ArgumentParser
import Publishing
import SystemPackage

/// Whether a change is published, or proposed to those who have the keys for it.
struct ProposalOptions: ParsableArguments {
  @Option(
    name: .customLong("propose"),
    help: ArgumentHelp(
      "Publish nothing: write the change to this file, or add it to the proposal that is there, signed with what keys are "
        + "at hand. `sign` adds the other signatures.", valueName: "file"))
  var file: String?

  var path: FilePath? { file.map { FilePath($0) } }

  /// What is proposed now; nil when nothing is.
  func review(_ repository: FilePath) throws -> Review? {
    guard let path, try Review.exists(path) else { return nil }
    return try Review(of: path, repository: repository)
  }

  func words(_ review: Review?, _ repository: RepositoryOptions) -> [String] {
    guard let review, let file else { return file == nil ? [] : ["Nothing to propose"] }
    return ["Proposed in \(file); nothing is published yet:"] + review.words.map { "  " + $0 }
      + ["Next: slipway-release sign \(file) --repository \(repository.directory) --key FILE"]
  }
}
