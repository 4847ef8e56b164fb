import ArgumentParser
import Product
import Publishing

struct Undelegate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take a product back from the keys that sign it.",
    discussion: """
      Example:
        slipway-release undelegate door-sign --repository repo --key targets-1.pem --propose change.proposal

      Ends the delegations to ID and ID-rollout, signed by targets. Devices with the product keep what runs, and take no
      update from then on. What it published stays until `prune`; `delegate` gives the product to other keys, beginning
      empty. To change only who signs, use `rotate`.
      """)

  @Argument(help: ArgumentHelp("The product's id.", valueName: "id"))
  var product: ProductID

  @OptionGroup var repository: RepositoryOptions
  @OptionGroup var keys: KeyOptions
  @OptionGroup var proposing: ProposalOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    try DelegationEnd(product: product)
      .run(repository: repository.path, signing: try keys.signing(proposal: proposing.path))
    let document = Document(product: product.text, proposal: try proposing.review(repository.path))
    try output.done(
      document,
      [
        proposing.file == nil
          ? "Ended the delegation of \(product): its devices take no update any more"
          : "To end the delegation of \(product): its devices would take no update any more"
      ] + proposing.words(document.proposal, repository))
  }

  private struct Document: Encodable {
    let schema = "slipway.undelegate/1"
    let product: String
    let proposal: Review?
  }
}
