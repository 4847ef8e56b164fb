import ArgumentParser
import Glibc
import Product
import Publishing
import SystemPackage

struct Pack: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Pack one release for one platform and sign it.",
    discussion: """
      Example:
        slipway-release pack --repository repo --keys keys --manifest room-agent.toml --tree build/x86_64 \\
            --version 1.4.2 --platform linux-x86_64 --updater build/x86_64/slipway

      The tree becomes the top of the release; the updater goes to slipway/bin/slipway in it. The same tree gives the
      same bytes, whatever the clock, the umask or the order of the files. A version never changes once it is signed:
      other contents need another version. The first pack of a product makes its two roles (needs the targets key).
      """)

  @OptionGroup var repository: RepositoryOptions
  @OptionGroup var keys: KeyOptions
  @OptionGroup var proposing: ProposalOptions
  @OptionGroup var output: OutputOptions

  @Option(help: ArgumentHelp("The product manifest, in TOML.", valueName: "file"))
  var manifest: String

  @Option(help: ArgumentHelp("The folder to pack.", valueName: "dir"))
  var tree: String

  @Option(help: "The release's version (SemVer 2.0).")
  var version: SemanticVersion

  @Option(help: "The platform that the tree is for, such as linux-x86_64.")
  var platform: Platform

  @Option(
    help: ArgumentHelp(
      "The `slipway` for that platform, or a folder with it; needless when the tree has slipway/bin/slipway.",
      valueName: "file"))
  var updater: String?

  @Option(help: "zstd's level, 1 to 22.")
  var level = 19

  @Option(help: "Compressing threads; as many as there are processors unless given.")
  var workers: Int?

  @Option(help: "First pack of a product: how many of its keys must sign. For more than one, one more is made.")
  var threshold = 1

  func validate() throws {
    guard (1...22).contains(level) else { throw ValidationError("--level is 1 to 22.") }
    guard (1...256).contains(workers ?? 1) else { throw ValidationError("--workers is 1 to 256.") }
  }

  func run() throws {
    let packer = Packer(
      manifest: FilePath(manifest), tree: FilePath(tree), version: version, platform: platform,
      updater: updater.map { FilePath($0) }, level: level,
      workers: workers ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))),
      threshold: threshold)
    let result = try packer.run(repository: repository.path, signing: try keys.signing(proposal: proposing.path))
    let document = Document(result, try proposing.review(repository.path))
    let verb = result.isNew ? "Packed" : "Nothing to do: already packed"
    try output.done(
      document,
      [
        "\(verb) \(result.release.id) \(version) for \(platform): \(result.totals.inodes) entries, "
          + "\(result.totals.bytes) bytes, \(document.archive.length) packed",
        "Archive SHA-256 \(document.archive.sha256)",
      ]
        + (result.isFirst
          ? [
            "Made the product's roles and keys: \(result.release.id) (keep it offline) and \(result.release.id.rolloutRole)"
          ] : []) + proposing.words(document.proposal, repository))
  }

  private struct Document: Encodable {
    struct Target: Encodable {
      let name: String
      let length: Int64
      let sha256: String
    }
    let schema = "slipway.pack/1"
    let product: String
    let version: String
    let platform: String
    let changed: Bool
    let entries: Int64
    let bytes: Int64
    let archive: Target
    let tree: Target
    let manifest: Target
    let proposal: Review?

    init(_ result: Packer.Result, _ proposal: Review?) {
      self.proposal = proposal
      product = result.release.id.text
      version = result.release.version.description
      platform = result.release.platform.text
      changed = result.isNew
      entries = result.totals.inodes
      bytes = result.totals.bytes
      let targets = [result.targets.archive, result.targets.tree, result.targets.product].map {
        Target(name: $0.name, length: $0.length, sha256: $0.sha256.hex)
      }
      (archive, tree, manifest) = (targets[0], targets[1], targets[2])
    }
  }
}
