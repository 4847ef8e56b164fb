/// A SHA-256 digest as a value; in text and JSON it is 64 lower-case hexadecimal digits.
public struct SHA256Digest: Hashable, Sendable, CustomStringConvertible {
  /// Exactly 32 bytes.
  public let bytes: [UInt8]

  /// Nil unless there are exactly 32 bytes.
  public init?(bytes: [UInt8]) {
    guard bytes.count == 32 else { return nil }
    self.bytes = bytes
  }

  /// Nil unless `hex` is exactly 64 lower-case hexadecimal digits.
  public init?(hex: String) {
    guard hex.utf8.count == 64, let bytes = Hex.decode(hex) else { return nil }
    self.bytes = bytes
  }

  public var hex: String { Hex.encode(bytes) }
  public var description: String { hex }
}

extension SHA256Digest: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let digest = SHA256Digest(hex: try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "expected 64 lower-case hexadecimal digits (SHA-256)")
    }
    self = digest
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(hex)
  }
}

/// The SHA-256 digest of `bytes`.
public func sha256(_ bytes: [UInt8]) throws(CryptographyError) -> SHA256Digest {
  guard let digest = SHA256Digest(bytes: try Digest.of(bytes, .sha256)) else {
    throw CryptographyError(.failed, "digest length")
  }
  return digest
}
