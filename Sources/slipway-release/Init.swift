import ArgumentParser
import Publishing

struct Init: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make keys and a new repository.",
    discussion: """
      Example:
        slipway-release init --repository repo --keys keys --passphrase-file secret

      Makes root/ (one key more than the threshold), targets/ and online/ (snapshot, timestamp) below the keys folder.
      A product's own keys are made when it is packed for the first time. Nothing that exists is overwritten.
      """)

  @OptionGroup var repository: RepositoryOptions
  @OptionGroup var keys: KeyOptions
  @OptionGroup var output: OutputOptions

  @Option(help: ArgumentHelp("How many root keys must sign; one more is made.", valueName: "n"))
  var threshold = 2

  func run() throws {
    guard let folder = keys.folder else { throw ValidationError("Name the folder for the new keys with --keys DIR.") }
    let result = try Initialization(threshold: threshold).run(
      repository: repository.path, keys: folder, signing: try keys.signing())
    let document = Document(
      repository: repository.directory, keys: folder.path.string, rootKeys: result.rootKeys,
      threshold: result.threshold,
      fingerprint: result.fingerprint)
    try output.done(document, Self.words(document))
  }

  private struct Document: Encodable {
    let schema = "slipway.init/1"
    let repository: String
    let keys: String
    let rootKeys: Int
    let threshold: Int
    let fingerprint: String
  }

  private static func words(_ made: Document) -> [String] {
    [
      "Made the repository \(made.repository) and its keys in \(made.keys).",
      "Root of trust (SHA-256 of 1.root.json): \(made.fingerprint)",
      "",
      "Keep the \(made.rootKeys) keys in root/ apart from each other and offline, targets/ offline too; only online/ is",
      "needed day by day. Keep a copy of each key, and the passphrase apart from both.",
      "",
      "When a key is lost or stolen:",
      "  a key of root/    the others can appoint a new one as long as \(made.threshold) of them are left. With fewer, nobody can:",
      "                    devices then keep running what they have and must be set up again with a new root.",
      "  targets/          \(made.threshold) root keys appoint a new one.",
      "  online/           \(made.threshold) root keys appoint new ones for snapshot and timestamp, the targets key those of ID-rollout.",
      "  a product's ID/   the targets key appoints a new one; releases that are signed already stay as they are.",
      "The verbs are add-key, remove-key and rotate, with --propose FILE and sign where keys are in several places.",
    ]
  }
}
