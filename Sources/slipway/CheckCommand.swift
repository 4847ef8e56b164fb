import ArgumentParser
import Console
import FoundationEssentials
import Installation
import Posix
import Prerequisites
import Product
import ProductTOML
import Proxies
import Services
import SystemPackage
import Updating

/// `slipway check`: the prerequisites, each with verdict, reason and remedy.
struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Check what the product needs of this device.",
    discussion: """
      Example: slipway check --manifest room-agent.toml --json
      All checks are made side by side, and none waits for ever. The first that fails, in the order in which they are
      shown, decides the exit code; docs/troubleshooting.md has a row for each.
      """)

  @OptionGroup var options: Options
  @Option(help: "Of a product that is not installed yet (TOML, or as a release has it).") var manifest: String?
  @Option(help: "As if FILE were config.toml.") var config: String?
  @Option(help: "As if this were the repository's address; may be repeated.") var repository: [RepositoryBase] = []
  @Option(help: "Leave one check out; may be repeated.") var skip: [Check] = []
  // What the Setup file says of the release that it is about to install.
  @Flag(help: .hidden) var beforeInstallation = false
  @Option(help: .hidden) var archiveBytes: UInt64 = 0
  @Option(help: .hidden) var treeBytes: UInt64 = 0
  @Option(help: .hidden) var inodes: UInt64 = 0
  @Option(help: .hidden) var issued: Int64?

  func run() async throws {
    let product = try manifest.map(ManifestFile.read) ?? Device.currentManifest(try options.installed())
    let layout = Layout(root: options.rootPath, product: product.id)
    let needs = needs(product.prerequisites, layout)
    if let refused = needs.refusedSkips(Set(skip)).first {
      throw Failure(
        .usage, name: "usage", "--skip \(refused.rawValue): this product requires that check",
        remedy: "leave that option out; what the check says is how to meet it")
    }
    let looks = try self.looks(product, layout, needs)
    let facts = await HostFacts.gather(looks.filter { $0.serves(besides: Set(skip)) })
    let list = Checklist.run(needs: needs, facts: facts, skip: Set(skip))
    if options.json {
      Output.line(String(decoding: try list.json(), as: UTF8.self))
    } else {
      Output.line(list.text())
    }
    guard let first = list.failures.first else { return }
    Output.tell(Checklist.complaint(first, needs: needs))
    throw ArgumentParser.ExitCode(list.exitCode.rawValue)
  }

  private func needs(_ rules: PrerequisiteRules, _ layout: Layout) -> PrerequisiteNeeds {
    var needs = PrerequisiteNeeds(
      rules: rules, archiveBytes: Int64(clamping: archiveBytes), treeBytes: Int64(clamping: treeBytes),
      inodes: Int64(clamping: inodes))
    needs.builtAt = Build.earliest
    needs.elevation = beforeInstallation && layout.isHost
    if !layout.isHost { needs.systemd = nil }
    return needs
  }

  private func looks(_ product: ProductManifest, _ layout: Layout, _ needs: PrerequisiteNeeds) throws -> [Look] {
    var looks = Look.machine(root: layout.root, versions: layout.versions, state: layout.state, for: needs)
    looks.append(.trustedMetadata(layout, or: issued))
    let wishes = try wishes(layout)
    if needs.rules.tpm != .ignored { looks.append(.tpm(wishes.tpm)) }
    let variables = EnvironmentProxies.variables(of: ProcessInfo.processInfo.environment)
    if let job = NetworkJob(product, wishes, variables: variables) { looks.append(.network(job, layout)) }
    return looks
  }

  /// The admin's, with what this command was told laid over them.
  private func wishes(_ layout: Layout) throws -> Configuration {
    var wishes = try Configuration.load(layout)
    if let config {
      let path = FilePathArgument.absolute(config)
      let folder = try Directory.open(path.removingLastComponent())
      guard let text = try folder.read(path.lastComponent?.string ?? "", limit: 1 << 20) else {
        throw Failure(
          .malformedConfiguration, name: "configuration", "\(path): there is no such file", remedy: "name a file")
      }
      do {
        wishes = try ConfigTOML.parse(String(decoding: text, as: UTF8.self), file: config).over(wishes)
      } catch {
        throw Failure(
          .malformedConfiguration, name: "configuration", error.description,
          remedy: "correct that line, then run it again")
      }
    }
    wishes.use(repository)
    return wishes
  }
}

extension Check: ExpressibleByArgument {}
extension RepositoryBase: ExpressibleByArgument {}
