import Cryptography

/// One metadata file: what is signed, and the signatures over it (specification, section 4.2.1).
public struct Envelope: Sendable, Equatable {
  public struct Signature: Sendable, Equatable {
    public let keyid: String
    /// Hexadecimal; kept as text, since one unreadable signature does not spoil the others.
    public let hex: String
  }

  /// The role's object with all its fields, known or not.
  public let signed: JSONValue
  public let signatures: [Signature]

  init(signed: JSONValue, signatures: [Signature]) {
    self.signed = signed
    self.signatures = signatures
  }

  /// Throws `malformed`, also when two signatures name the same key id (section 4.2.1: it must be unique).
  public init(parsing bytes: [UInt8]) throws(TUFError) {
    let fields = try Fields(try JSONValue(parsing: bytes), "metadata")
    signed = try fields.fields("signed").json
    var signatures: [Signature] = []
    var keyids: Set<String> = []
    for element in try fields.array("signatures") {
      let entry = try Fields(element, "signature")
      let signature = Signature(keyid: try entry.string("keyid"), hex: try entry.string("sig"))
      guard keyids.insert(signature.keyid).inserted else {
        throw TUFError(.malformed, "two signatures by key id \(signature.keyid)")
      }
      signatures.append(signature)
    }
    self.signatures = signatures
  }

  /// The bytes that signatures are made over.
  public var signedBytes: [UInt8] { CanonicalJSON.encode(signed) }

  /// The file as this library writes it: signatures in the order of their key ids, so that it is the same every time.
  func fileText() -> [UInt8] {
    let entries = signatures.sorted { String.precedesByBytes($0.keyid, $1.keyid) }.map {
      JSONValue.object(["keyid": .string($0.keyid), "sig": .string($0.hex)])
    }
    return JSONValue.object(["signed": signed, "signatures": .array(entries)]).fileText()
  }
}
