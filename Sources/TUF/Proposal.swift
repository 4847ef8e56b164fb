import Cryptography

/// A change on its way from key to key: new versions of roles with the signatures that they have so far, and what each of
/// them takes the place of. Snapshot and timestamp are no part of it; they are made when it is published.
public struct Proposal: Sendable, Equatable {
  /// By role.
  let roles: [String: Envelope]
  /// SHA-256 of the canonical form of the version that is replaced, by role; nothing for a role that is new.
  let base: [String: String]

  private static let schema = "slipway.proposal/1"

  init(roles: [String: Envelope], base: [String: String]) {
    self.roles = roles
    self.base = base
  }

  /// Throws `malformed`.
  public init(parsing bytes: [UInt8]) throws(TUFError) {
    let fields = try Fields(try JSONValue(parsing: bytes), "proposal")
    guard try fields.string("schema") == Self.schema else {
      throw TUFError(.malformed, "proposal: \"schema\" is not \(Self.schema)")
    }
    var roles: [String: Envelope] = [:]
    for (role, json) in try fields.object("roles") {
      guard role != "snapshot", role != "timestamp" else {
        throw TUFError(.malformed, "proposal: \(role) is made when it is published")
      }
      do {
        roles[role] = try Envelope(parsing: json.fileText())
      } catch {
        throw error.about(role)
      }
    }
    guard !roles.isEmpty else { throw TUFError(.malformed, "proposal: no roles") }
    var base: [String: String] = [:]
    for (role, json) in try fields.object("base") { base[role] = json.string }
    self.init(roles: roles, base: base)
  }

  /// The file, the same every time: members and signatures in order.
  public func encoded() -> [UInt8] {
    JSONValue.object([
      "schema": .string(Self.schema), "roles": .object(roles.mapValues(\.json)),
      "base": .object(base.mapValues { .string($0) }),
    ]).fileText()
  }

  /// How what is `published` is named in a base.
  static func digest(of published: Envelope?) throws(TUFError) -> String? {
    guard let published else { return nil }
    do {
      return try sha256(published.signedBytes).hex
    } catch {
      throw TUFError(.edit, "\(error)")
    }
  }
}

extension Envelope {
  fileprivate var json: JSONValue {
    let entries = signatures.sorted { String.precedesByBytes($0.keyid, $1.keyid) }
    return .object([
      "signed": signed,
      "signatures": .array(entries.map { .object(["keyid": .string($0.keyid), "sig": .string($0.hex)]) }),
    ])
  }
}
