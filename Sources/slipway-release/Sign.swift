import ArgumentParser
import Console
import Publishing
import SystemPackage

struct Sign: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what a proposal changes, and add a signature to it; the last one that is needed publishes it.",
    discussion: """
      Example, where a root key is:
        slipway-release sign change.proposal --repository repo --key root-2.pem
      Only look:
        slipway-release sign change.proposal --repository repo --show

      An offline machine needs the proposal and a copy of the repository's metadata/; in a copy without targets/, or one that
      cannot be written to, nothing is published. What would expire later than twice its role's lifetime from now is
      refused, unless --expires says that such a lifetime is meant. In the repository itself, snapshot and timestamp are
      signed with the last signature or, when their keys are elsewhere, by running this there with --keys. Compare the root
      of trust that is shown with the one you know.
      """)

  @OptionGroup var repository: RepositoryOptions
  @OptionGroup var keys: KeyOptions
  @OptionGroup var output: OutputOptions

  @Argument(help: "The proposal.")
  var proposal: String

  @Argument(help: ArgumentHelp("Copies of it that others have signed; their signatures are added.", valueName: "copy"))
  var copies: [String] = []

  @Flag(help: "Only show what it changes and who can sign.")
  var show = false

  @Flag(help: "Do not ask; what it changes has been looked at.")
  var yes = false

  func validate() throws {
    guard show || yes || !output.json else { throw ValidationError("--json asks no question: add --yes or --show.") }
  }

  func run() throws {
    let review = try Review(of: FilePath(proposal), repository: repository.path)
    if show { return try output.answer(review, review.words) }
    guard keys.areNamed || review.isComplete || !copies.isEmpty else {
      throw PublishingError(
        .keyMissing,
        "\(proposal): signatures are lacking, and no key is named: \(review.pending.joined(separator: "; "))",
        remedy: "name a key with --key, --keys or --signer")
    }
    let result = try Countersigning(FilePath(proposal), copies: copies.map { FilePath($0) }).run(
      repository: repository.path, signing: try keys.signing(), confirm: agrees)
    guard let result else { throw Interruption() }
    try output.done(
      Document(
        published: result.isPublished, complete: result.isComplete, added: result.added, proposal: result.review),
      words(result))
  }

  private func agrees(_ review: Review) throws -> Bool {
    if !output.json { OutputOptions.lines(review.words).forEach(Output.tell) }
    if yes { return true }
    guard Host.isTerminal else {
      throw ValidationError("There is no terminal to ask on: look at it with --show, then add --yes.")
    }
    return Output.ask("Sign this?")
  }

  private func words(_ result: Countersigning.Result) -> [String] {
    let signed =
      result.added.isEmpty
      ? ["No signature to add: these keys have signed already"]
      : result.added.map { "Signed \($0.role) with \($0.key)" }
    if result.isPublished { return signed + ["Published: nothing more is to sign"] }
    if !result.isComplete { return signed + result.review.pending }
    return signed + [
      "All signatures are there. Publish it where the repository and its online keys are:",
      "  slipway-release sign \(proposal) --repository DIR --keys DIR",
    ]
  }

  private struct Document: Encodable {
    let schema = "slipway.sign/1"
    let published: Bool
    let complete: Bool
    let added: [Countersigning.Result.Signature]
    let proposal: Review
  }
}
