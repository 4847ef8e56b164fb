/// What a draft changes in one role, item by item.
public struct RoleChange: Sendable, Equatable, Codable {
  public let role: String
  /// The version that is proposed, and the one that is published; nil for a new role.
  public let version: Int
  public let published: Int?
  public let items: [Item]

  public struct Item: Sendable, Equatable, Codable {
    public enum Kind: String, Sendable, Codable {
      case expires
      /// A key, by its key id and scheme, may sign the role `subject` from now on, or no longer.
      case keyAdded, keyRemoved
      /// How many of how many keys sign the role `subject`.
      case threshold
      case delegationAdded, delegationRemoved, delegationChanged, delegationOrder
      case targetAdded, targetRemoved, targetChanged
      /// Anything else, with its text.
      case field
    }

    public let kind: Kind
    /// A role, a target's path, or a field's name.
    public let subject: String
    public let from: String?
    public let to: String?
  }
}

extension RoleChange {
  init(role: String, from old: JSONValue?, to new: JSONValue) {
    self.role = role
    version = new["version"]?.integer.flatMap { Int(exactly: $0) } ?? 0
    published = old?["version"]?.integer.flatMap { Int(exactly: $0) }
    var items = [Item(.expires, role, old?["expires"]?.string, new["expires"]?.string)].compactMap { $0 }
    if role == "root" {
      items += Self.keys(from: old, to: new)
    } else {
      items += Self.delegations(from: old?["delegations"], to: new["delegations"])
      items += Self.targets(from: old?["targets"]?.object ?? [:], to: new["targets"]?.object ?? [:])
    }
    // A signer is shown everything: what none of the above explains comes as it is.
    let shown: Set<String> = ["_type", "version", "expires", "keys", "roles", "targets", "delegations"]
    items += Self.fields(from: old, to: new, except: shown, prefix: "")
    self.items = items
  }

  private static func keys(from old: JSONValue?, to new: JSONValue) -> [Item] {
    let names = Set(old?["roles"]?.object?.keys.map { $0 } ?? []).union(new["roles"]?.object?.keys.map { $0 } ?? [])
    return names.sorted(by: String.precedesByBytes).flatMap { name in
      let (before, after) = (old?["roles"]?[name], new["roles"]?[name])
      return authority(name, from: before, old?["keys"], to: after, new["keys"])
        + fields(from: before, to: after, except: ["keyids", "threshold"], prefix: "roles.\(name).")
    }
  }

  /// What changes about who signs `role`.
  private static func authority(
    _ role: String, from old: JSONValue?, _ oldKeys: JSONValue?, to new: JSONValue?, _ newKeys: JSONValue?
  ) -> [Item] {
    func keyids(_ json: JSONValue?) -> [String] { json?["keyids"]?.array?.compactMap(\.string) ?? [] }
    func text(_ keyid: String, _ keys: JSONValue?) -> String {
      "\(keyid) (\(keys?[keyid]?["scheme"]?.string ?? "a key that is not listed"))"
    }
    func rule(_ json: JSONValue?) -> String? {
      json.map { "\($0["threshold"]?.integer ?? 0) of \(keyids($0).count) keys" }
    }
    // Under the same id another key, or none, is a change of who may sign.
    func isKept(_ keyid: String) -> Bool {
      keyids(old).contains(keyid) && keyids(new).contains(keyid)
        && oldKeys?[keyid].map(CanonicalJSON.encode) == newKeys?[keyid].map(CanonicalJSON.encode)
    }
    let removed = keyids(old).filter { !isKept($0) }.map { Item(.keyRemoved, role, text($0, oldKeys), nil) }
    let added = keyids(new).filter { !isKept($0) }.map { Item(.keyAdded, role, nil, text($0, newKeys)) }
    return (removed + added + [Item(.threshold, role, rule(old), rule(new))]).compactMap { $0 }
  }

  private static func delegations(from old: JSONValue?, to new: JSONValue?) -> [Item] {
    let (before, after) = (old?["roles"]?.array ?? [], new?["roles"]?.array ?? [])
    func names(_ roles: [JSONValue]) -> [String] { roles.map { $0["name"]?.string ?? "" } }
    func kept(_ names: [String], _ others: [String]) -> [String] {
      names.filter { others.contains(where: $0.isExactly) }
    }
    let all = names(before) + names(after).filter { !names(before).contains(where: $0.isExactly) }
    var items: [Item] = all.flatMap { name in
      func named(_ roles: [JSONValue]) -> JSONValue? { roles.first { $0["name"]?.string?.isExactly(name) == true } }
      let (one, other) = (named(before), named(after))
      let kind: Item.Kind =
        one == nil ? .delegationAdded : other == nil ? .delegationRemoved : .delegationChanged
      return [Item(kind, name, one.map(scope), other.map(scope))].compactMap { $0 }
        + authority(name, from: one, old?["keys"], to: other, new?["keys"])
    }
    let orders = (kept(names(before), names(after)), kept(names(after), names(before)))
    items += [Item(.delegationOrder, "delegations", orders.0.joined(separator: ", "), orders.1.joined(separator: ", "))]
      .compactMap { $0 }
    return items + fields(from: old, to: new, except: ["keys", "roles"], prefix: "delegations.")
  }

  /// A delegation without its keys.
  private static func scope(_ delegation: JSONValue) -> String {
    var rest = delegation
    for name in ["name", "keyids", "threshold"] { rest[name] = nil }
    return text(rest)
  }

  private static func targets(from old: [String: JSONValue], to new: [String: JSONValue]) -> [Item] {
    let paths = old.keys + new.keys.filter { old.value(of: $0) == nil }
    return paths.sorted(by: String.precedesByBytes).compactMap { path in
      let (one, other) = (old.value(of: path), new.value(of: path))
      let kind: Item.Kind = one == nil ? .targetAdded : other == nil ? .targetRemoved : .targetChanged
      return Item(kind, path, one.map(target), other.map(target))
    }
  }

  private static func target(_ file: JSONValue) -> String {
    var rest = file
    for name in ["length", "hashes"] { rest[name] = nil }
    let hashes = (file["hashes"]?.object ?? [:]).sorted { String.precedesByBytes($0.key, $1.key) }
      .map { "\($0.key) \($0.value.string ?? "")" }
    return (["\(file["length"]?.integer ?? 0) bytes"] + hashes + (rest == .object([:]) ? [] : [text(rest)]))
      .joined(separator: ", ")
  }

  private static func fields(from old: JSONValue?, to new: JSONValue?, except: Set<String>, prefix: String) -> [Item] {
    let (before, after) = (old?.object ?? [:], new?.object ?? [:])
    let names = (before.keys + after.keys.filter { before.value(of: $0) == nil }).filter { !except.contains($0) }
    // A role that is new has the fields that every role has.
    return names.filter { old != nil || $0 != "spec_version" }.sorted(by: String.precedesByBytes).compactMap {
      Item(.field, prefix + $0, old?[$0].map(text), new?[$0].map(text))
    }
  }

  private static func text(_ json: JSONValue) -> String { String(decoding: CanonicalJSON.encode(json), as: UTF8.self) }
}

extension RoleChange.Item {
  /// Nil for what is the same before and after.
  fileprivate init?(_ kind: Kind, _ subject: String, _ from: String?, _ to: String?) {
    if let from, let to, from.isExactly(to) { return nil }
    guard from != nil || to != nil else { return nil }
    self.init(kind: kind, subject: subject, from: from, to: to)
  }

  /// One line for people, in ASCII: see `spelledOut`.
  public var words: String {
    let (old, new) = ((from ?? "nothing").spelledOut, (to ?? "nothing").spelledOut)
    let subject = subject.spelledOut
    switch kind {
    case .expires: return from == nil ? "expires \(new)" : "expires \(new) instead of \(old)"
    case .keyAdded: return "\(subject): adds the key \(new)"
    case .keyRemoved: return "\(subject): removes the key \(old)"
    case .threshold where to == nil: return "\(subject): nobody signs it any more, before \(old)"
    case .threshold: return from == nil ? "\(subject): \(new) sign" : "\(subject): \(new) sign, before \(old)"
    case .delegationAdded: return "delegates to \(subject): \(new)"
    case .delegationRemoved: return "no longer delegates to \(subject): \(old)"
    case .delegationChanged: return "changes the delegation to \(subject): \(new), before \(old)"
    case .delegationOrder: return "changes the order of delegations: \(new), before \(old)"
    case .targetAdded: return "adds \(subject): \(new)"
    case .targetRemoved: return "removes \(subject): \(old)"
    case .targetChanged: return "replaces \(subject): \(new), before \(old)"
    case .field: return "\(subject): \(new), before \(old)"
    }
  }
}

extension RepositoryEditor {
  /// What the drafts change, but for snapshot and timestamp, which only follow.
  public func changes() throws(TUFError) -> [RoleChange] {
    try proposedRoles.map { (role) throws(TUFError) in
      let draft = try draft(role)
      return RoleChange(role: role, from: draft.published?.signed, to: draft.signed)
    }
  }
}
