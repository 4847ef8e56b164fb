import Cryptography

/// How far one threshold of a role is met. A new root has two: the old root's and its own.
public struct SignatureCount: Sendable, Equatable {
  public let have: Int
  public let threshold: Int
  /// Key ids that could sign and have not.
  public let outstanding: [String]

  public var isMet: Bool { have >= threshold }
}

extension RepositoryEditor {
  /// Every threshold that `role` has to meet, as it stands. Empty only for a role that nobody delegates to.
  public func signatures(of role: String) throws(TUFError) -> [SignatureCount] {
    let envelope = try draft(role).envelope
    return try authorities(of: role).map { authority in
      let signers = authority.signers(of: envelope)
      let outstanding = authority.keyids.filter { id in authority.keys[id].map { !signers.contains($0) } ?? false }
      return SignatureCount(have: signers.count, threshold: authority.threshold, outstanding: outstanding)
    }
  }

  /// Whether all thresholds of `role` are met.
  public func isComplete(_ role: String) throws(TUFError) -> Bool {
    let counts = try signatures(of: role)
    return !counts.isEmpty && counts.allSatisfy(\.isMet)
  }

  /// Signs the draft of `role`. Throws `edit` when the key is not one of the role's, or when the role has no draft: to
  /// sign a published version again would give one version two contents. A key that has signed already does not sign
  /// again, since ECDSA and RSA would give other bytes than a snapshot may have hashed.
  public mutating func sign(_ role: String, with key: PrivateKey) throws(TUFError) {
    var draft = try draft(role)
    guard draft.isChanged else { throw TUFError(.edit, role: role, "it has not changed; renew it to sign it again") }
    let authorities = try authorities(of: role).filter { $0.keys.values.contains(key.publicKey) }
    guard !authorities.isEmpty else { throw TUFError(.edit, role: role, "the key is not one of this role's") }
    guard !authorities.allSatisfy({ $0.signers(of: draft.envelope).contains(key.publicKey) }) else { return }
    let keyids = Set(authorities.flatMap { $0.keys.filter { $0.value == key.publicKey }.keys })
    do {
      let hex = Hex.encode(try key.sign(draft.envelope.signedBytes))
      for keyid in keyids { draft.add(Envelope.Signature(keyid: keyid, hex: hex)) }
    } catch {
      throw TUFError(.edit, role: role, "\(error)")
    }
    drafts[role] = draft
  }

  /// Signs every draft with every key that is one of its role's.
  public mutating func sign(with keys: [PrivateKey]) throws(TUFError) {
    for role in changedRoles {
      let allowed = Set(try authorities(of: role).flatMap(\.keys.values))
      for key in keys where allowed.contains(key.publicKey) { try sign(role, with: key) }
    }
  }

  /// The draft of `role` with the signatures it has, as a file to carry to where its keys are.
  public func proposal(of role: String) throws(TUFError) -> [UInt8] { try draft(role).fileText() }

  /// Takes in a proposal: the signatures if it is this editor's draft already, else the whole as the draft.
  ///
  /// Throws `edit` when there is another draft, or the version is not the one after the published; only valid
  /// signatures by the role's keys are taken.
  public mutating func adopt(_ proposal: [UInt8], as role: String) throws(TUFError) {
    let envelope = try Envelope(parsing: proposal)
    try Self.checkShape(envelope.signed, role)
    let present = drafts[role]
    var draft = try Draft(envelope.signed)
    if let present { draft = present }
    if envelope.signed != draft.signed {
      guard !draft.isChanged else { throw TUFError(.edit, role: role, "another draft of it is being edited") }
      let expected = draft.version + 1
      try draft.replace(envelope.signed)
      guard draft.signed == envelope.signed else {
        throw TUFError(.edit, role: role, "the proposal's version is not \(expected)")
      }
    }
    guard draft.isChanged else { throw TUFError(.edit, role: role, "this version is published already") }
    drafts[role] = draft
    for authority in try authorities(of: role) {
      let signers = authority.signers(of: envelope)
      for signature in envelope.signatures {
        guard let key = authority.keys[signature.keyid], signers.contains(key) else { continue }
        draft.add(signature)
      }
    }
    drafts[role] = draft
  }

  private static func checkShape(_ signed: JSONValue, _ role: String) throws(TUFError) {
    switch TopLevelRole(rawValue: role) {
    case .root: _ = try Root(signed)
    case .snapshot: _ = try Snapshot(signed)
    case .timestamp: _ = try Timestamp(signed)
    case .targets, nil: _ = try Targets(signed)
    }
  }

  /// Who must sign `role`: as root or the delegating roles stand in this editor.
  private func authorities(of role: String) throws(TUFError) -> [Authority] {
    guard let top = TopLevelRole(rawValue: role) else { return try delegations(to: role).map(\.authority) }
    var authorities = [try root().authority(of: top)]
    let draft = try draft("root")
    if top == .root, draft.isChanged, let published = draft.published {
      authorities.insert(try Root(published.signed).authority(of: .root), at: 0)
    }
    return authorities
  }
}
