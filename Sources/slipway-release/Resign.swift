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
      """)

  @OptionGroup var repository: RepositoryOptions
  @OptionGroup var keys: KeyOptions
  @OptionGroup var output: OutputOptions

  @Option(name: .customLong("role"), help: "A role to renew, such as targets; may be given several times.")
  var roles: [String] = []

  func run() throws {
    let renewed = try Renewal(roles: roles).run(repository: repository.path, signing: try keys.signing()).map {
      Document.Role(role: $0.role, version: $0.version, expires: Timestamp(seconds: $0.expires).description)
    }
    try output.done(
      Document(roles: renewed), renewed.map { "Signed \($0.role), version \($0.version), until \($0.expires)" })
  }

  private struct Document: Encodable {
    struct Role: Encodable {
      let role: String
      let version: Int
      let expires: String
    }
    let schema = "slipway.resign/1"
    let roles: [Role]
  }
}
