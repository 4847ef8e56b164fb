import Cryptography
import Posix
import SystemPackage
import TUF

/// What a proposal changes, and who has still to sign.
public struct Review: Sendable, Codable, Equatable {
  public let schema: String
  public let proposal: String
  /// SHA-256 of 1.root.json, from which every root after it was followed.
  public let fingerprint: String
  public let changes: [RoleChange]
  public let signatures: [Signatures]

  /// How far one threshold is met. A root that replaces another has two.
  public struct Signatures: Sendable, Codable, Equatable {
    public let role: String
    /// `before`: the threshold of the root that is replaced; `after` for all others.
    public let by: String
    public let have: Int
    public let threshold: Int
    /// Key ids that could still sign.
    public let outstanding: [String]

    public var isMet: Bool { have >= threshold }
  }

  /// Of a proposal to the repository at `path`, or to a copy of its metadata. Errors: stale, invalidInput, damaged.
  public init(of proposal: FilePath, repository path: FilePath) throws {
    let repository = try Repository.open(path, orCopy: true)
    var editor = try Self.trusted(repository)
    try ProposalFile.require(proposal).adopt(by: &editor)
    try self.init(proposal, repository, editor)
  }

  /// Whether there is a proposal at that place.
  public static func exists(_ proposal: FilePath) throws -> Bool { try ProposalFile.read(proposal) != nil }

  init(_ proposal: FilePath, _ repository: Repository, _ editor: RepositoryEditor) throws {
    schema = "slipway.proposal-review/1"
    self.proposal = proposal.string
    fingerprint = try Fingerprint.of(try repository.read("1.root.json") ?? [])
    changes = try editor.changes()
    signatures = try editor.proposedRoles.flatMap { role in
      try editor.signatures(of: role).enumerated().map { index, count in
        Signatures(
          role: role, by: role == "root" && index == 0 ? "before" : "after", have: count.have,
          threshold: count.threshold, outstanding: count.outstanding)
      }
    }
  }

  /// The published state, every root and role of it signed as it must be: a change is shown against nothing less.
  static func trusted(_ repository: Repository) throws -> RepositoryEditor {
    let editor = try repository.editor()
    let version = try RootChain.verify { try repository.read($0) }
    let isWhole = try version == editor.root().version && editor.roles.allSatisfy { try editor.isComplete($0) }
    guard isWhole else {
      throw PublishingError(
        .damaged, "\(repository.path): what is published here is not signed as it must be",
        remedy: "`slipway-release verify` lists every fault; fetch a good copy before you sign anything")
    }
    return editor
  }

  public var isComplete: Bool { signatures.allSatisfy(\.isMet) }

  /// Lines for people.
  public var words: [String] {
    var lines = ["Root of trust (SHA-256 of 1.root.json): \(fingerprint)"]
    for change in changes {
      let from = change.published.map { "version \($0) -> \(change.version)" } ?? "new, version \(change.version)"
      lines.append("\(change.role.spelledOut): \(from)")
      lines += change.items.map { "  \($0.words)" }
    }
    return lines + pending
  }

  /// A line for each threshold that is not met.
  public var pending: [String] {
    signatures.filter { !$0.isMet }.map {
      let keys = $0.role == "root" ? " of its keys \($0.by) the change" : ""
      return "\($0.role.spelledOut): signed by \($0.have) of \($0.threshold)\(keys); these can: "
        + $0.outstanding.joined(separator: " ")
    }
  }
}
