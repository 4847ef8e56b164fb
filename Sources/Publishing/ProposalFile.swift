import Posix
import SystemPackage
import TUF

/// A proposal as a file, which lies anywhere but in the repository.
struct ProposalFile {
  let path: FilePath
  let proposal: Proposal

  private static let limit = 64 << 20

  /// Nil where there is no file. Errors: invalidInput.
  static func read(_ path: FilePath) throws -> ProposalFile? {
    let (folder, name) = try split(path)
    guard let directory = try? Directory.following(folder), let bytes = try directory.read(name, limit: limit) else {
      return nil
    }
    do {
      return ProposalFile(path: path, proposal: try Proposal(parsing: bytes))
    } catch {
      throw PublishingError(
        .invalidInput, "\(path): this is no proposal (\(error))", remedy: "name a file that --propose has written")
    }
  }

  /// Errors: invalidInput where there is none.
  static func require(_ path: FilePath) throws -> ProposalFile {
    if let file = try read(path) { return file }
    throw PublishingError(
      .invalidInput, "\(path): there is no such file", remedy: "name a proposal; a change with --propose FILE makes one"
    )
  }

  /// Written whole or not at all.
  static func write(_ proposal: Proposal, to path: FilePath) throws {
    let (folder, name) = try split(path)
    try DurableFile.write(proposal.encoded(), name, in: try Directory.following(folder))
  }

  static func remove(_ path: FilePath) throws {
    let (folder, name) = try split(path)
    try Directory.following(folder).unlink(name)
  }

  /// Makes it the drafts of `editor`, which holds the published state. Errors: stale, invalidInput.
  func adopt(by editor: inout RepositoryEditor) throws {
    let stale = try editor.staleRoles(of: proposal)
    guard stale.isEmpty else {
      throw PublishingError(
        .stale,
        "\(path): another version of \(stale.joined(separator: ", ")) has been published since this proposal was made",
        remedy: "delete the proposal, and propose the change again if it is still wanted")
    }
    let published = editor
    do {
      try editor.adopt(proposal)
    } catch {
      throw PublishingError(
        .invalidInput, "\(path): the proposal does not fit the repository (\(error))",
        remedy: "delete it, and propose the change again")
    }
    try requireBounds(editor, published)
  }

  /// What a product's keys have signed goes live without another look. So they may list nothing but what their role is
  /// trusted for, and delegate to nobody: a role that two delegate to can be changed only by both. Errors: invalidInput.
  private func requireBounds(_ editor: RepositoryEditor, _ published: RepositoryEditor) throws {
    for role in editor.proposedRoles where role != "root" {
      do { _ = try editor.references(of: role) } catch let error as PublishingError {
        throw PublishingError(
          .invalidInput, "\(path): \(error.message)", remedy: "have the change proposed again, with one")
      }
    }
    for role in editor.proposedRoles where TopLevelRole(rawValue: role) == nil {
      let delegation = try editor.targets().delegations?.delegation(to: role)
      let stray = try editor.targets(role).files.keys.filter { delegation?.covers($0) == false }.min()
      let delegated = try editor.header(of: role)?.fields["delegations"]
      let isDelegating = try delegated != nil && delegated != published.header(of: role)?.fields["delegations"]
      guard stray != nil || isDelegating else { continue }
      throw PublishingError(
        .invalidInput,
        "\(path): the role '\(role)' "
          + (stray.map { "lists \($0), for which it is not trusted" } ?? "delegates, which only targets may"),
        remedy: "have its holders propose the change without that")
    }
  }

  /// Where it is, or will be. Errors: those of opening that folder, and invalidInput.
  static func folder(of path: FilePath) throws -> Directory { try Directory.following(try split(path).folder) }

  private static func split(_ path: FilePath) throws -> (folder: FilePath, name: String) {
    guard let name = path.lastComponent, name.kind == .regular else {
      throw PublishingError(.invalidInput, "\(path): not a file's name", remedy: "name the proposal's file")
    }
    let folder = path.removingLastComponent()
    return (folder.isEmpty ? "." : folder, name.string)
  }
}
