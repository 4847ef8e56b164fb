import Cryptography
import TPMState

/// What anybody may know of a device's identity: the public half of its key, and the certificates for it, if it has any.
public struct PublicIdentity: Hashable, Sendable {
  public let area: PublicArea
  /// In DER: the key's own first, each next one that of its issuer; empty before somebody has certified the key.
  public let chain: [[UInt8]]

  public init(area: PublicArea, chain: [[UInt8]] = []) {
    self.area = area
    self.chain = chain
  }

  /// The most bytes that a chain has, and the most certificates: it goes into one reply.
  public static let chainLimit = (bytes: 32_768, certificates: 8)

  /// Whether the chain is one for this key, and fits into a reply.
  public var isWhole: Bool {
    guard chain.count <= Self.chainLimit.certificates,
      chain.reduce(0, { $0 + $1.count }) <= Self.chainLimit.bytes
    else { return false }
    guard let own = chain.first else { return true }
    guard let key = try? area.publicKey(), let certificate = try? Certificate(der: own) else { return false }
    return certificate.publicKey == key
  }

  /// - Precondition: ``isWhole``.
  var encoded: [UInt8] {
    var writer = WireWriter()
    for part in [area.encoded] + chain { writer.writeSized(part) }
    return writer.bytes
  }

  init(encoded bytes: [UInt8]) throws(TPMError) {
    var reader = WireReader(bytes)
    area = try PublicArea(encoded: try reader.readSized())
    var chain: [[UInt8]] = []
    while !reader.isAtEnd { chain.append(try reader.readSized()) }
    self.chain = chain
    guard isWhole else { throw TPMError(.malformed, "certificates that are not the key's") }
  }
}
