import ArgumentParser
import Console
import Posix
import Product
import Publishing

struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show versions, expiries, signatures, releases and channels.",
    discussion: """
      Example:
        slipway-release status --repository repo
      For a monitor:
        slipway-release status --repository repo --check

      What has expired, or will soon, is warned of with what to do: less than a quarter of the role's lifetime is left, at
      most 60 days, or what --ahead says. Exit codes: 0 whatever is found; with --check 21 when there is a warning.
      `verify` judges all else.
      """)

  @OptionGroup var repository: RepositoryOptions
  @OptionGroup var output: OutputOptions

  @Flag(help: "Exit with 21 when something has expired or will soon.")
  var check = false

  @Option(help: ArgumentHelp("How long before it expires a role is warned of, such as 14d.", valueName: "time"))
  var ahead: String?

  func validate() throws {
    guard ahead.map({ Time.seconds($0) != nil }) ?? true else {
      throw ValidationError("--ahead '\(ahead ?? "")' is not a time, such as 14d or 12h.")
    }
  }

  func run() throws {
    let status = try RepositoryStatus(
      of: repository.path, now: HostClock.wallSeconds(), ahead: ahead.flatMap { Time.seconds($0) })
    try output.answer(status, Self.words(status))
    if !output.json {
      for warning in status.warnings { Output.tell("WARNING: \(warning.message)\n  \(warning.remedy)") }
    }
    if check, !status.warnings.isEmpty { throw ArgumentParser.ExitCode(Product.ExitCode.metadataExpired.rawValue) }
  }

  private static func words(_ status: RepositoryStatus) -> [String] {
    let width = status.roles.map(\.role.count).max() ?? 0
    var lines = status.roles.map { role in
      let name = role.role + String(repeating: " ", count: width - role.role.count)
      let mark = role.expiry == "fresh" ? "" : role.expiry == "soon" ? "  EXPIRES SOON" : "  EXPIRED"
      let keys = role.keys.map { String($0.prefix(8)) }.joined(separator: " ")
      return
        "\(name)  version \(role.version), signed \(role.signatures) of \(role.threshold), until \(role.expires), keys \(keys)\(mark)"
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
