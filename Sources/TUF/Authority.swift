import Cryptography

/// The keys that may sign a role and how many of them must.
public struct Authority: Sendable, Equatable {
  /// As listed, without duplicates; some may belong to no usable key.
  public let keyids: [String]
  /// At least 1.
  public let threshold: Int
  /// The usable keys by key id.
  public let keys: [String: PublicKey]

  /// The key ids under which nobody can sign: not listed, of an unknown scheme, or not the id of their key.
  public var unusable: [String] { keyids.filter { keys[$0] == nil } }
  /// All other key ids.
  public var usable: [String] { keyids.filter { keys[$0] != nil } }

  /// Reads "keyids" and "threshold" of `fields`. Throws `malformed` for a threshold below 1 or a key id listed twice.
  init(_ fields: Fields, keys: [String: Key]) throws(TUFError) {
    threshold = try fields.integer("threshold", atLeast: 1)
    keyids = try fields.strings("keyids")
    guard Set(keyids).count == keyids.count else { throw TUFError(.malformed, "a role lists a key id twice") }
    var usable: [String: PublicKey] = [:]
    for keyid in keyids { usable[keyid] = keys[keyid]?.publicKey }
    self.keys = usable
  }

  /// The distinct keys of this authority with a valid signature in `envelope`.
  ///
  /// Keys are counted, never key ids: one key under two ids is one signer.
  public func signers(of envelope: Envelope) -> Set<PublicKey> {
    let message = envelope.signedBytes
    var signers: Set<PublicKey> = []
    for signature in envelope.signatures {
      guard let key = keys[signature.keyid], !signers.contains(key), let bytes = Hex.decode(signature.hex) else {
        continue
      }
      if key.verify(signature: bytes, message: message) { signers.insert(key) }
    }
    return signers
  }

  /// Throws `signature` unless at least `threshold` distinct keys have signed.
  func check(_ envelope: Envelope, role: String) throws(TUFError) {
    let count = signers(of: envelope).count
    guard count >= threshold else {
      throw TUFError(.signature, role: role, "valid signatures by \(count) keys, \(threshold) are needed")
    }
  }
}
