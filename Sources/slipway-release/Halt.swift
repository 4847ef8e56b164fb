import ArgumentParser
import Product
import Publishing

/// What `halt` and `resume` share.
struct HaltingOptions: ParsableArguments {
  @OptionGroup var release: ReleaseArguments
  @OptionGroup var repository: RepositoryOptions
  @OptionGroup var keys: KeyOptions
  @OptionGroup var proposing: ProposalOptions
  @OptionGroup var output: OutputOptions

  @Option(help: "The channel, such as stable.")
  var channel: String?

  @Flag(help: "In every channel.")
  var all = false

  func validate() throws {
    if (channel == nil) != all { throw ValidationError("Give either --channel or --all.") }
  }

  func run(_ change: Halting.Change) throws {
    let result = try Halting(
      product: release.product, version: release.version, channel: channel, change: change
    ).run(repository: repository.path, signing: try keys.signing(proposal: proposing.path))
    let document = Document(
      product: release.product.text, version: release.version.description, halted: change != .resume,
      channels: result.channels, wayBack: result.wayBack?.description, changed: !result.channels.isEmpty,
      proposal: try proposing.review(repository.path))
    try output.done(document, words(change, result) + proposing.words(document.proposal, repository))
  }

  private func words(_ change: Halting.Change, _ result: Halting.Result) -> [String] {
    let name = "\(release.product) \(release.version)"
    let channels = result.channels.joined(separator: ", ")
    switch change {
    case .resume:
      return [channels.isEmpty ? "Nothing to do: \(name) is not halted" : "Resumed \(name) in \(channels)"]
    case .halt(_, let rollBack):
      if channels.isEmpty { return ["Nothing to do: \(name) is halted already"] }
      guard rollBack else { return ["Halted \(name) in \(channels): devices that run it stay, no other takes it"] }
      return [
        "Halted \(name) in \(channels); devices that run it "
          + (result.wayBack.map { "go back to \($0)" } ?? "stay: there is no older release that the policy allows")
      ]
    }
  }

  private struct Document: Encodable {
    let schema = "slipway.halt/1"
    let product: String
    let version: String
    let halted: Bool
    let channels: [String]
    let wayBack: String?
    let changed: Bool
    let proposal: Review?
  }
}

struct Halt: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Withdraw a release: no further device takes it.",
    discussion: """
      Example:
        slipway-release halt room-agent 1.4.2 --channel stable --reason 'loses the camera' --roll-back \\
            --repository repo --keys keys

      Needs the online keys only. With --roll-back, devices that run the release go back to the newest older one that the
      policy allows, and know the other one no longer. A release that no device may ever run again is blocked
      (`slipway-release policy --block`), with the product's offline keys.
      """)

  @OptionGroup var options: HaltingOptions

  @Option(help: "Why, in a few words; `slipway status` shows it on every device.")
  var reason: String

  @Flag(help: "Devices that run it go back.")
  var rollBack = false

  func run() throws { try options.run(.halt(reason: reason, rollBack: rollBack)) }
}

struct Resume: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Give a halted release back to its channels.",
    discussion: """
      Example:
        slipway-release resume room-agent 1.4.2 --all --repository repo --keys keys
      """)

  @OptionGroup var options: HaltingOptions

  func run() throws { try options.run(.resume) }
}
