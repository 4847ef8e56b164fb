import ArgumentParser
import Product
import Publishing

struct ChangePolicy: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policy", abstract: "Change what devices may run at all; needs the product's offline keys.",
    discussion: """
      Example:
        slipway-release policy room-agent --block 1.4.2 --floor 1.4.0 --repository repo --keys keys
        slipway-release policy room-agent --minimum-updater 1.6.0 --via 1.6.2 --repository repo --keys keys
        slipway-release policy room-agent --move-to https://updates.example.net/ --repository repo --keys keys

      A blocked release is left by devices that run it. A critical one is put off for hours, not days. --move-to may be
      given several times, and takes effect where an admin has set no address; --move-back undoes it.
      """)

  @Argument(help: "The product.")
  var product: ProductID

  @Option(help: "The oldest release that devices may choose.")
  var floor: SemanticVersion?

  @Option(help: "A release that devices must leave; may be given several times.")
  var block: [SemanticVersion] = []

  @Option(help: "A release that is put off for a short time only; may be given several times.")
  var critical: [SemanticVersion] = []

  @Option(help: "The oldest updater that may install what is newer than --via.")
  var minimumUpdater: SemanticVersion?

  @Option(help: "The release that older updaters install first.")
  var via: SemanticVersion?

  @Option(help: ArgumentHelp("Where devices look from now on.", valueName: "url"))
  var moveTo: [String] = []

  @Flag(help: "Devices look again where they looked at first.")
  var moveBack = false

  @OptionGroup var repository: RepositoryOptions
  @OptionGroup var keys: KeyOptions
  @OptionGroup var proposing: ProposalOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    let nothing = floor == nil && block.isEmpty && critical.isEmpty && minimumUpdater == nil && via == nil
    if nothing, moveTo.isEmpty, !moveBack { throw ValidationError("Say what is to change: --floor, --block, ...") }
    if moveBack, !moveTo.isEmpty { throw ValidationError("Give either --move-to or --move-back.") }
  }

  func run() throws {
    var change = PolicyChange(product: product)
    change.floor = floor
    change.block = block
    change.critical = critical
    change.minimumUpdater = minimumUpdater
    change.via = via
    change.moveTo = moveBack ? [] : moveTo.isEmpty ? nil : moveTo
    let result = try change.run(repository: repository.path, signing: try keys.signing(proposal: proposing.path))
    let document = Document(
      product: product.text, policy: result.policy, changed: result.isNew, warnings: result.warnings,
      proposal: try proposing.review(repository.path))
    try output.done(
      document,
      [result.isNew ? "Changed the policy of \(product)" : "Nothing to do: the policy says so already"]
        + result.warnings.map { "WARNING: \($0)" } + proposing.words(document.proposal, repository))
  }

  private struct Document: Encodable {
    let schema = "slipway.policyChange/1"
    let product: String
    let policy: Policy
    let changed: Bool
    let warnings: [String]
    let proposal: Review?
  }
}
