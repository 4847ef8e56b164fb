import ArgumentParser
import Product
import Publishing

struct Promote: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Offer a signed release to the devices of a channel.",
    discussion: """
      Example:
        slipway-release promote room-agent 1.4.2 --channel stable --percent 10 --repository repo --keys keys

      Refuses a version that lacks one of the product's platforms, or that the product's offline role has not signed.
      Raising the percentage later only adds devices.
      """)

  @OptionGroup var release: ReleaseArguments
  @OptionGroup var repository: RepositoryOptions
  @OptionGroup var keys: KeyOptions
  @OptionGroup var proposing: ProposalOptions
  @OptionGroup var output: OutputOptions

  @Option(help: "The channel, such as stable.")
  var channel: String

  @Option(help: "How many of a hundred devices take it.")
  var percent = 100

  @Option(name: .customLong("ring"), help: "Only devices in this ring take it; may be given several times.")
  var rings: [String] = []

  @Option(help: ArgumentHelp("No device takes it before this time, such as 2026-11-22T10:00:00Z.", valueName: "time"))
  var notBefore: Product.Timestamp?

  func run() throws {
    let promotion = Promotion(
      product: release.product, version: release.version, channel: channel, percent: percent, rings: rings,
      notBefore: notBefore)
    let result = try promotion.run(repository: repository.path, signing: try keys.signing(proposal: proposing.path))
    let platforms = result.channel.platforms.filter { $0.value.version == release.version }.keys.sorted().map(\.text)
    let document = Document(
      product: release.product.text, version: release.version.description, channel: channel, percent: percent,
      rings: rings, notBefore: notBefore?.description, platforms: platforms, changed: result.isNew,
      proposal: try proposing.review(repository.path))
    let verb = result.isNew ? "Promoted" : "Nothing to do: already promoted"
    try output.done(
      document,
      [
        "\(verb) \(release.product) \(release.version) to \(channel) at \(percent) % for "
          + platforms.joined(separator: ", ")
      ] + proposing.words(document.proposal, repository))
  }

  private struct Document: Encodable {
    let schema = "slipway.promote/1"
    let product: String
    let version: String
    let channel: String
    let percent: Int
    let rings: [String]
    let notBefore: String?
    let platforms: [String]
    let changed: Bool
    let proposal: Review?
  }
}
