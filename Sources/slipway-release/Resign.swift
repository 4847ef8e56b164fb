import ArgumentParser
import Product
import Publishing

struct Resign: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Sign metadata anew before it expires.",
    discussion: """
      Example, daily:
        slipway-release resign --repository repo --keys keys --passphrase-file secret
      Before a product's channels expire:
        slipway-release resign --role room-agent-rollout --repository repo --keys keys

      Makes a new snapshot and a new timestamp; --role adds other roles. --role timestamp alone renews nothing else.
      With --due it is for a timer that comes round often: what has more than half of its lifetime left stays as it is.
      """)

  @OptionGroup var repository: RepositoryOptions
  @OptionGroup var keys: KeyOptions
  @OptionGroup var proposing: ProposalOptions
  @OptionGroup var output: OutputOptions

  @Option(name: .customLong("role"), help: "A role to renew, such as targets; may be given several times.")
  var roles: [String] = []

  @Flag(help: "Renew only what has less than half of its lifetime left.")
  var due = false

  func run() throws {
    let renewed = try Renewal(roles: roles, onlyDue: due).run(
      repository: repository.path, signing: try keys.signing(proposal: proposing.path)
    ).map {
      Document.Role(role: $0.role, version: $0.version, expires: Timestamp(seconds: $0.expires).description)
    }
    let review = try proposing.review(repository.path)
    let verb = review == nil ? "Signed" : "Proposed"
    try output.done(
      Document(roles: renewed, proposal: review),
      renewed.map { "\(verb) \($0.role), version \($0.version), until \($0.expires)" }
        + (renewed.isEmpty ? ["Nothing to do: nothing is due"] : []) + proposing.words(review, repository))
  }

  private struct Document: Encodable {
    struct Role: Encodable {
      let role: String
      let version: Int
      let expires: String
    }
    let schema = "slipway.resign/1"
    let roles: [Role]
    let proposal: Review?
  }
}
