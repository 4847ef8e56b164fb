import ArgumentParser
import Product
import Publishing
import SystemPackage

struct Delegate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Give a product to another team's keys.",
    discussion: """
      Example:
        slipway-release delegate door-sign --public-key theirs.pub --rollout-key theirs-online.pub --repository repo \\
            --key targets-1.pem --propose change.proposal

      Makes the product's two roles: ID, which signs releases, and ID-rollout, which signs channels. Both begin empty and
      are signed by their keys, so the proposal goes to the other team as well. From then on it packs and promotes with
      --propose, and this repository's online keys complete it with `sign`.
      """)

  @Argument(help: ArgumentHelp("The product's id.", valueName: "id"))
  var product: ProductID

  @Option(
    name: .customLong("public-key"),
    help: ArgumentHelp("A key that signs releases; may be given several times.", valueName: "file"))
  var publicKeys: [String]

  @Option(
    name: .customLong("rollout-key"),
    help: ArgumentHelp(
      "A key that signs channels; may be given several times. Without it a new one is made in --keys DIR, and channels "
        + "stay with this publisher.", valueName: "file"))
  var rolloutKeys: [String] = []

  @Option(help: "How many of the keys must sign a release.")
  var threshold = 1

  @OptionGroup var repository: RepositoryOptions
  @OptionGroup var keys: KeyOptions
  @OptionGroup var proposing: ProposalOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    try ProductDelegation(
      product: product, threshold: threshold, keys: try publicKeys.map { try KeyReader.publicKey(FilePath($0)) },
      rolloutKeys: try rolloutKeys.map { try KeyReader.publicKey(FilePath($0)) }
    ).run(repository: repository.path, signing: try keys.signing(proposal: proposing.path))
    let document = Document(
      product: product.text, threshold: threshold, proposal: try proposing.review(repository.path))
    try output.done(
      document,
      ["Delegated \(product): \(threshold) of \(publicKeys.count) keys sign its releases"]
        + proposing.words(document.proposal, repository))
  }

  private struct Document: Encodable {
    let schema = "slipway.delegate/1"
    let product: String
    let threshold: Int
    let proposal: Review?
  }
}
