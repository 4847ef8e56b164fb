import ArgumentParser
import Bundles
import Console
import Installation
import Posix
import Product
import Updating

/// `slipway verify`: the installed trees against their sealed manifests; with --repair they become what was sealed.
struct VerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Compare the installed trees with their sealed tree manifests, and repair them.",
    discussion: """
      Example: slipway verify
      Example: sudo slipway verify --repair
      Example: sudo slipway verify --repair --from room-agent-1.4.2.bundle
      Looked at are the version that runs, the one that has proved itself, and the way back. --repair takes what is missing
      from another version on this disk, from the bundle, or from the repository; the agent is restarted if files of its
      own were damaged. Exit code 33: damaged, or not repairable.
      """)

  /// What one version differs in; at most `limit` lines of it.
  struct Verdict: Encodable {
    static let limit = 200

    let version: String
    let ok: Bool
    /// How many differences there are, named or not.
    let count: Int
    let differences: [String]

    init(_ version: SemanticVersion, _ damage: Damage?) {
      self.version = version.description
      ok = damage == nil
      count = damage?.said.count ?? 0
      differences = Array((damage?.said ?? []).prefix(Self.limit))
    }
  }

  struct Document: Encodable {
    struct Repaired: Encodable {
      let version: String
      let differences: Int
      let source: String
      let restarted: Bool
    }

    let schema = "slipway.verify/1"
    let product: String
    /// The version that runs, and its differences.
    let version: String
    let ok: Bool
    let differences: [String]
    let versions: [Verdict]
    let repaired: [Repaired]
  }

  @OptionGroup var options: Options
  @Flag(help: "Make the trees what was sealed again.") var repair = false
  @Option(help: "With --repair: a bundle (file or folder) that has the version's bytes.") var from: String?

  func validate() throws {
    guard from == nil || repair else { throw ValidationError("--from needs --repair.") }
  }

  func run() async throws {
    let layout = try options.installed()
    var repaired: [Repair.Mended] = []
    if repair {
      let device = try options.changer()
      let bundle = try from.map { try RequestedUpdate.open(FilePathArgument.resolved($0)) }
      repaired = try await Repair(device, start: Host.canStartServices(layout)).run(from: bundle)
    }
    let store = try VersionStore(layout)
    guard store.version(.current) != nil else {
      throw InstallationError(
        .damaged, "\(store.path(.current)) names no version",
        remedy: "run `slipway recover`; if that does not help, \(InstallationError.installAnew)")
    }
    let verdicts = try Damage.linked(store).map { Verdict($0, try Damage($0, store)) }
    if options.json { try report(layout, verdicts, repaired) }
    try complain(layout, verdicts)
    guard !options.json else { return }
    for one in repaired {
      Output.line("\(layout.product) \(one.version): \(one.differences) differences repaired (\(one.source))")
    }
    for one in verdicts { Output.line("\(layout.product) \(one.version): as sealed") }
  }

  private func report(_ layout: Layout, _ verdicts: [Verdict], _ repaired: [Repair.Mended]) throws {
    try Output.document(
      Document(
        product: layout.product.text, version: verdicts[0].version, ok: verdicts.allSatisfy(\.ok),
        differences: verdicts[0].differences, versions: verdicts,
        repaired: repaired.map {
          .init(
            version: "\($0.version)", differences: $0.differences, source: $0.source, restarted: $0.restarted)
        }))
  }

  private func complain(_ layout: Layout, _ verdicts: [Verdict]) throws {
    let damaged = verdicts.filter { !$0.ok }
    guard !damaged.isEmpty else { return }
    for one in damaged {
      for line in one.differences { Output.tell("\(one.version): \(line)") }
      if one.count > one.differences.count {
        Output.tell("\(one.version): and \(one.count - one.differences.count) more")
      }
    }
    let said = damaged.map { "\($0.version) differs from its sealed manifest in \($0.count) places" }
    let failure = Failure(
      .damaged, name: "damaged", "\(layout.product) \(said.joined(separator: ", "))",
      remedy: InstallationError.installAnew)
    guard options.json else { throw failure }
    // The document has been given; a second one would be the error's.
    Output.tell(failure)
    throw ArgumentParser.ExitCode(failure.code.rawValue)
  }
}
