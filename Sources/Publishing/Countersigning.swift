import Cryptography
import Posix
import Product
import SystemPackage
import TUF

/// Adds the signatures of the keys at hand to a proposal. The last one that is needed publishes it.
public struct Countersigning {
  public let proposal: FilePath
  /// Copies of it that others have signed meanwhile; they stay as they are.
  public let copies: [FilePath]

  public init(_ proposal: FilePath, copies: [FilePath] = []) {
    self.proposal = proposal
    self.copies = copies
  }

  public struct Result: Sendable {
    /// Roles and the key ids that have signed them now.
    public let added: [Signature]
    /// Whether the change is live.
    public let isPublished: Bool
    /// Whether it only lacks what the repository's own online keys sign, or the repository itself.
    public let isComplete: Bool
    public let review: Review

    public struct Signature: Sendable, Codable, Equatable {
      public let role: String
      public let key: String
    }
  }

  /// - Parameters:
  ///   - path: the repository, or a copy of it or of its metadata, in which nothing is ever published.
  ///   - confirm: is shown the change before anything is signed; nothing is unless it agrees.
  /// - Returns: nil when it did not agree. Errors: stale, foreignKey, keyMissing, signer, damaged, invalidInput.
  public func run(repository path: FilePath, signing: Signing, confirm: (Review) throws -> Bool) throws -> Result? {
    let repository = try Repository.open(path, orCopy: true)
    return try repository.locked(proposal: proposal) { try sign(in: repository, signing, confirm) }
  }

  private func sign(in repository: Repository, _ signing: Signing, _ confirm: (Review) throws -> Bool) throws -> Result?
  {
    var signing = signing
    let file = try ProposalFile.require(proposal)
    var editor = try Review.trusted(repository)
    let published = editor
    try file.adopt(by: &editor)
    try requireLifetimes(editor, signing)
    try requireWelcome(&signing, editor)
    guard try confirm(Review(proposal, repository, editor)) else { return nil }

    let before = try signatures(editor)
    for copy in copies {
      do {
        try editor.merge(try ProposalFile.require(copy).proposal)
      } catch let error as TUFError {
        throw PublishingError(
          .conflict, "\(copy): this is no copy of \(proposal) (\(error))", remedy: "sign and publish it by itself")
      }
    }
    for role in editor.proposedRoles { try signing.add(to: role, &editor) }
    let added = try signatures(editor).filter { !before.contains($0) }
    let review = try Review(proposal, repository, editor)
    // On the disk before anything else: what a person has signed is not asked for again.
    if let change = try editor.proposal() { try ProposalFile.write(change, to: proposal) }
    let isPublished = try review.isComplete && !repository.isCopy && publish(editor, published, repository, &signing)
    if isPublished { try ProposalFile.remove(proposal) }
    return Result(added: added, isPublished: isPublished, isComplete: review.isComplete, review: review)
  }

  /// What has expired is refused by every device, and what hardly ever does can hardly be outlived. Errors: invalidInput.
  private func requireLifetimes(_ editor: RepositoryEditor, _ signing: Signing) throws {
    for role in editor.proposedRoles {
      guard let expires = try editor.header(of: role)?.expires else { continue }
      let (kind, longest) = (Lifetimes.kind(of: role), signing.lifetimes.longest(of: role))
      let isPast = expires <= signing.now
      guard isPast || expires - signing.now > longest else { continue }
      throw PublishingError(
        .invalidInput,
        "\(proposal): the role '\(role)' would expire \(Product.Timestamp(seconds: expires)), which is "
          + (isPast ? "past" : "more than \(longest / 86_400) days from now"),
        remedy: "see that this machine's clock is right, which says \(Product.Timestamp(seconds: signing.now)); then "
          + "propose the change again"
          + (isPast ? "" : ", or allow that with `--expires \(kind.rawValue)=TIME`, TIME being half of that or more"))
    }
  }

  /// False when the keys of snapshot or timestamp, or others that must follow, are not at hand.
  private func publish(
    _ editor: RepositoryEditor, _ published: RepositoryEditor, _ repository: Repository, _ signing: inout Signing
  ) throws -> Bool {
    for role in editor.proposedRoles where role != "root" {
      let known = try published.references(of: role)
      for target in try editor.references(of: role) where !known.contains(target) { try repository.require(target) }
    }
    var editor = editor
    do {
      try signing.publish(&editor, in: repository)
      return true
    } catch let error as PublishingError where error.code == .keyMissing {
      return false
    }
  }

  /// A key that was named and may sign nothing is somebody's mistake, perhaps the wrong stick in the machine.
  private func requireWelcome(_ signing: inout Signing, _ editor: RepositoryEditor) throws {
    var named = signing.commands.map { ($0.command, $0.publicKey) }
    for file in signing.files { named.append((file.string, try signing.key(file).publicKey)) }
    for (name, key) in named {
      let isOnline = try ["snapshot", "timestamp"].contains { try editor.authority(of: $0).keys.values.contains(key) }
      guard try isOnline || editor.proposedRoles.contains(where: { try editor.mayBeSigned($0, by: key) }) else {
        throw PublishingError(
          .foreignKey,
          "\(name): its key \(try Key(key).keyid) may not sign \(editor.proposedRoles.joined(separator: ", "))",
          remedy:
            "name a key of one of these roles; `slipway-release sign \(proposal) --show` lists those that can sign")
      }
    }
  }

  private func signatures(_ editor: RepositoryEditor) throws -> [Result.Signature] {
    try editor.proposedRoles.flatMap { role in
      try editor.signers(of: role).map { Result.Signature(role: role, key: $0) }
    }
  }
}
