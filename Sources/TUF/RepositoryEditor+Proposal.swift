extension RepositoryEditor {
  /// All drafts but those of snapshot and timestamp, to be carried to where their keys are; nil when there are none.
  public func proposal() throws(TUFError) -> Proposal? {
    var roles: [String: Envelope] = [:]
    var base: [String: String] = [:]
    for role in proposedRoles {
      let draft = try draft(role)
      roles[role] = draft.envelope
      base[role] = try Proposal.digest(of: draft.published)
    }
    return roles.isEmpty ? nil : Proposal(roles: roles, base: base)
  }

  /// The roles with a draft that a proposal carries, in the order of their names.
  public var proposedRoles: [String] { changedRoles.filter { $0 != "snapshot" && $0 != "timestamp" } }

  /// The roles of `proposal` that are published in another version than the one that it was made from. What is published
  /// as it was proposed, by a run that was interrupted, is not stale.
  public func staleRoles(of proposal: Proposal) throws(TUFError) -> [String] {
    var stale: [String] = []
    for role in pendingRoles(of: proposal) {
      if try Proposal.digest(of: drafts[role]?.published) != proposal.base[role] { stale.append(role) }
    }
    return stale
  }

  private func pendingRoles(of proposal: Proposal) -> [String] {
    proposal.roles.keys.sorted(by: String.precedesByBytes)
      .filter { drafts[$0]?.published?.signed != proposal.roles[$0]?.signed }
  }

  /// Makes the proposal's roles this editor's drafts, with those of its signatures that are valid and by keys of the role.
  ///
  /// Throws `edit` when something else is being edited already, when a role is stale or nobody delegates to it, and
  /// `malformed` or `wrongType` for what is no metadata of that role.
  public mutating func adopt(_ proposal: Proposal) throws(TUFError) {
    guard proposedRoles.isEmpty else { throw TUFError(.edit, "another change is being edited") }
    if let role = try staleRoles(of: proposal).first {
      throw TUFError(.edit, role: role, "another version of it has been published since the proposal was made")
    }
    let names = pendingRoles(of: proposal)
    let pending = proposal.roles.filter { names.contains($0.key) }
    // All contents come before the signatures: who may sign depends on them.
    for (role, envelope) in pending {
      do {
        try checkShape(envelope.signed, role)
      } catch {
        throw error.about(role)
      }
      let last = drafts["snapshot"]?.signed["meta"]?[role + ".json"]?["version"]?.integer ?? 0
      var draft = try Draft(envelope.signed, after: last)
      if let present = drafts[role] { draft = present }
      try draft.replace(envelope.signed)
      guard draft.signed == envelope.signed, draft.isChanged else {
        throw TUFError(.edit, role: role, "the proposal's version is not \(draft.version)")
      }
      drafts[role] = draft
    }
    try dropUndelegated()
    for (role, envelope) in pending {
      guard drafts[role] != nil else { throw TUFError(.edit, role: role, "nobody delegates to it") }
      try take(envelope.signatures, to: role)
    }
  }

  /// Takes the signatures of another copy of the proposal that is being edited. Throws `edit` when it proposes anything else.
  public mutating func merge(_ copy: Proposal) throws(TUFError) {
    for (role, envelope) in copy.roles {
      guard drafts[role]?.signed == envelope.signed, drafts[role] != nil else {
        throw TUFError(.edit, role: role, "the proposals differ")
      }
      try take(envelope.signatures, to: role)
    }
  }
}
