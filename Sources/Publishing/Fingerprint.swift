import Cryptography

/// How a root of trust is named to people: SHA-256 of its file, in hex.
enum Fingerprint {
  static func of(_ root: [UInt8]) throws -> String { try sha256(root).hex }
}
