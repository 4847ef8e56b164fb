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

  /// The key ids with a valid signature over `role` as it stands, in their order.
  public func signers(of role: String) throws(TUFError) -> [String] {
    let envelope = try draft(role).envelope
    let keyids = try welcome(role).flatMap { authority in
      let signers = authority.signers(of: envelope)
      return authority.keys.filter { signers.contains($0.value) }.keys
    }
    return Set(keyids).sorted(by: String.precedesByBytes)
  }

  /// Whether all thresholds of `role` are met.
  public func isComplete(_ role: String) throws(TUFError) -> Bool {
    let counts = try signatures(of: role)
    return !counts.isEmpty && counts.allSatisfy(\.isMet)
  }

  /// Signs the draft of `role`. Throws as `payload` does. A key that has signed already does not sign again, since ECDSA
  /// and RSA would give other bytes than a snapshot may have hashed.
  public mutating func sign(_ role: String, with key: PrivateKey) throws(TUFError) {
    guard let payload = try payload(of: role, for: key.publicKey) else { return }
    let signature: [UInt8]
    do {
      signature = try key.sign(payload)
    } catch {
      throw TUFError(.edit, role: role, "\(error)")
    }
    try add(signature, by: key.publicKey, to: role)
  }

  /// The bytes that `key` has to sign for the draft of `role`; nil when it has signed already.
  ///
  /// Throws `edit` when the key is not one of the role's, or when the role has no draft: to sign a published version again
  /// would give one version two contents.
  public func payload(of role: String, for key: PublicKey) throws(TUFError) -> [UInt8]? {
    let draft = try draft(role)
    guard draft.isChanged else { throw TUFError(.edit, role: role, "it has not changed; renew it to sign it again") }
    let authorities = try welcome(role).filter { $0.keys.values.contains(key) }
    guard !authorities.isEmpty else { throw TUFError(.edit, role: role, "the key is not one of this role's") }
    guard !authorities.allSatisfy({ $0.signers(of: draft.envelope).contains(key) }) else { return nil }
    return draft.envelope.signedBytes
  }

  /// Adds a signature that was made elsewhere, such as in a hardware token. Throws `signature` for one that is not the
  /// key's over this draft, else as `payload` does.
  public mutating func add(_ signature: [UInt8], by key: PublicKey, to role: String) throws(TUFError) {
    guard let payload = try payload(of: role, for: key) else { return }
    guard key.verify(signature: signature, message: payload) else {
      throw TUFError(.signature, role: role, "the signature is not the key's")
    }
    var draft = try draft(role)
    let keyids = Set(try welcome(role).flatMap { $0.keys.filter { $0.value == key }.keys })
    for keyid in keyids { draft.add(Envelope.Signature(keyid: keyid, hex: Hex.encode(signature))) }
    drafts[role] = draft
  }

  /// The keys that may sign the draft of `role` and have not.
  public func awaitedKeys(of role: String) throws(TUFError) -> Set<PublicKey> {
    let envelope = try draft(role).envelope
    let authorities = try welcome(role)
    return Set(authorities.flatMap(\.keys.values)).subtracting(authorities.flatMap { $0.signers(of: envelope) })
  }

  /// Whether `key` may sign the draft of `role`, for its own threshold or for readers who still hold the root before.
  public func mayBeSigned(_ role: String, by key: PublicKey) throws(TUFError) -> Bool {
    guard try draft(role).isChanged else { return false }
    return try welcome(role).contains { $0.keys.values.contains(key) }
  }

  /// Signs every draft with every key that is one of its role's.
  public mutating func sign(with keys: [PrivateKey]) throws(TUFError) {
    for role in changedRoles {
      for key in keys {
        let isWelcome = try mayBeSigned(role, by: key.publicKey)
        if isWelcome { try sign(role, with: key) }
      }
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
    try checkShape(envelope.signed, role)
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
    try take(envelope.signatures, to: role)
  }

  /// Adds those of `signatures` to the draft of `role` that are valid and by keys that may sign it.
  mutating func take(_ signatures: [Envelope.Signature], to role: String) throws(TUFError) {
    var draft = try draft(role)
    let envelope = Envelope(signed: draft.signed, signatures: signatures)
    for authority in try welcome(role) {
      let signers = authority.signers(of: envelope)
      for signature in signatures {
        guard let key = authority.keys[signature.keyid], signers.contains(key) else { continue }
        draft.add(signature)
      }
    }
    drafts[role] = draft
  }

  /// Throws `malformed` or `wrongType` for what is no metadata of `role`, and `edit` when it appoints a key with which
  /// nobody can sign: its threshold would promise more than there is. Such keys that are published already may stay.
  func checkShape(_ signed: JSONValue, _ role: String) throws(TUFError) {
    let appointed: Set<String>
    switch TopLevelRole(rawValue: role) {
    case .root: appointed = try Root(signed).unusableKeys
    case .snapshot: (_, appointed) = (try Snapshot(signed), [])
    case .timestamp: (_, appointed) = (try Timestamp(signed), [])
    case .targets, nil: appointed = try Targets(signed).unusableKeys
    }
    guard !appointed.isEmpty else { return }
    var present: Set<String> = []
    if let published = drafts[role]?.published?.signed {
      present = role == "root" ? try Root(published).unusableKeys : try Targets(published).unusableKeys
    }
    if let keyid = appointed.subtracting(present).min() {
      throw TUFError(.edit, role: role, "nobody can sign with the key \(keyid): it is not listed, or not usable")
    }
  }

  /// Who must sign `role`: as root or the delegating roles stand in this editor.
  private func authorities(of role: String) throws(TUFError) -> [Authority] {
    guard let top = TopLevelRole(rawValue: role) else { return try delegations(to: role).map(\.authority) }
    let authority = try root().authority(of: top)
    guard top == .root, let former = try former(top) else { return [authority] }
    return [former, authority]
  }

  /// Who may sign `role`. Besides those who must, the keys that a new root replaces: what both sign is accepted by readers
  /// of the old root and of the new one, so neither is left without between two files.
  private func welcome(_ role: String) throws(TUFError) -> [Authority] {
    let authorities = try authorities(of: role)
    guard let top = TopLevelRole(rawValue: role), top != .root, let former = try former(top) else { return authorities }
    return authorities + [former]
  }

  /// The keys of a role by the root that is published, when there is a draft of another.
  func former(_ role: TopLevelRole) throws(TUFError) -> Authority? {
    let draft = try draft("root")
    guard draft.isChanged, let published = draft.published else { return nil }
    return try Root(published.signed).authority(of: role)
  }
}
