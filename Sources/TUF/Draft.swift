/// One role in the editor: what is published, and what is proposed in its place.
struct Draft: Sendable {
  /// Nil for a role that was never published.
  let published: Envelope?
  /// The highest version that was ever published, 0 for none.
  private let base: Int64
  private(set) var signed: JSONValue
  private(set) var signatures: [Envelope.Signature] = []

  /// A role as it is published.
  init(_ published: Envelope) {
    self.published = published
    signed = published.signed
    signatures = published.signatures
    base = published.signed["version"]?.integer ?? 0
  }

  /// A role that is not there now, `base` being its last version if it once was.
  init(_ signed: JSONValue, after base: Int64 = 0) throws(TUFError) {
    published = nil
    self.signed = signed
    self.base = base
    try replace(signed)
  }

  var isChanged: Bool { published?.signed != signed }
  var envelope: Envelope { Envelope(signed: signed, signatures: signatures) }
  var version: Int { signed["version"]?.integer.flatMap { Int(exactly: $0) } ?? 0 }

  /// Only a changed role is written anew; a published one keeps its bytes in the repository.
  func fileText() -> [UInt8] { envelope.fileText() }

  mutating func replace(_ new: JSONValue) throws(TUFError) {
    signed = new
    guard base < Int64.max else { throw TUFError(.edit, "the version cannot be raised") }
    signed["version"] = .integer(base + 1)
    signatures = []
  }

  mutating func add(_ signature: Envelope.Signature) {
    signatures.removeAll { $0.keyid == signature.keyid }
    signatures.append(signature)
  }

  static func header(_ type: String, expires: Int64) throws(TUFError) -> JSONValue {
    .object([
      "_type": .string(type), "spec_version": .string("1.0.34"), "version": .integer(1),
      "expires": .string(try date(expires)),
    ])
  }

  static func date(_ seconds: Int64) throws(TUFError) -> String {
    guard let text = ISO8601.format(seconds) else { throw TUFError(.edit, "a date beyond the year 9999") }
    return text
  }
}

extension JSONValue {
  func adding(_ members: [String: JSONValue]) -> JSONValue {
    guard case .object(let own) = self else { return self }
    return .object(own.merging(members) { $1 })
  }
}
