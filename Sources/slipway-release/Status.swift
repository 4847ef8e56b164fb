import ArgumentParser
import Posix
import Publishing

struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show versions, expiries, signatures, releases and channels.",
    discussion: """
      Example:
        slipway-release status --repository repo

      What expires soon is marked; `resign` renews it. Exit code 0 whatever is found; `verify` judges.
      """)

  @OptionGroup var repository: RepositoryOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let status = try RepositoryStatus(of: repository.path, now: HostClock.wallSeconds())
    try output.answer(status, Self.words(status))
  }

  private static func words(_ status: RepositoryStatus) -> [String] {
    let width = status.roles.map(\.role.count).max() ?? 0
    var lines = status.roles.map { role in
      let name = role.role + String(repeating: " ", count: width - role.role.count)
      let mark = role.expiry == "fresh" ? "" : role.expiry == "soon" ? "  EXPIRES SOON" : "  EXPIRED"
      return
        "\(name)  version \(role.version), signed \(role.signatures) of \(role.threshold), until \(role.expires)\(mark)"
    }
    for product in status.products {
      lines.append("")
      lines.append(product.id)
      for release in product.releases {
        let mark = product.blocked.contains(release.version) ? "  BLOCKED" : ""
        lines.append("  release \(release.version)  \(release.platforms.joined(separator: " "))\(mark)")
      }
      for channel in product.channels {
        for offer in channel.offers {
          let rings = offer.rings.isEmpty ? "" : ", rings \(offer.rings.joined(separator: " "))"
          let start = offer.notBefore.map { ", not before \($0)" } ?? ""
          lines.append(
            "  channel \(channel.channel)  \(offer.platform) -> \(offer.version), \(offer.percent) %\(rings)\(start)")
        }
      }
    }
    return lines
  }
}
