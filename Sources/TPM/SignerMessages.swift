/// What may be asked of the process that has the TPM: these two things, and nothing else.
public enum SignerRequest: Hashable, Sendable {
  /// A digest of 32 bytes, to be signed with the device's key.
  case sign(digest: [UInt8])
  /// A challenge for the device's key, to be answered.
  case activate(MadeCredential)

  /// The most bytes that a request or a reply may have.
  public static let limit = 4096

  public var encoded: [UInt8] {
    switch self {
    case .sign(let digest): return [1] + digest
    case .activate(let credential):
      var writer = WireWriter()
      writer.writeSized(credential.wrapped)
      writer.writeSized(credential.seed)
      return [2] + writer.bytes
    }
  }

  /// Throws `malformed` for anything but one of the two, whole and without more after it.
  public init(encoded bytes: [UInt8]) throws(TPMError) {
    guard bytes.count <= Self.limit else { throw TPMError(.malformed, "a request of \(bytes.count) bytes") }
    switch bytes.first {
    case 1 where bytes.count == 33: self = .sign(digest: Array(bytes.dropFirst()))
    case 2:
      var reader = WireReader(Array(bytes.dropFirst()))
      let credential = MadeCredential(wrapped: try reader.readSized(), seed: try reader.readSized())
      try reader.end()
      self = .activate(credential)
    default: throw TPMError(.malformed, "a request that is none of a signer's")
    }
  }
}

/// What it answers.
public enum SignerReply: Hashable, Sendable {
  /// The signature in DER, or what the credential held.
  case done([UInt8])
  /// Why not, for people.
  case refused(String)

  public var encoded: [UInt8] {
    switch self {
    case .done(let bytes): [0] + bytes
    case .refused(let reason): [1] + Array(reason.utf8.prefix(SignerRequest.limit - 1))
    }
  }

  public init(encoded bytes: [UInt8]) throws(TPMError) {
    switch bytes.first {
    case 0: self = .done(Array(bytes.dropFirst()))
    case 1: self = .refused(String(decoding: bytes.dropFirst(), as: UTF8.self))
    default: throw TPMError(.malformed, "a reply that is none of a signer's")
    }
  }
}

extension TPMDevice {
  /// Answers one request with the keys of `identity`.
  public func answer(_ request: SignerRequest, with identity: DeviceIdentity) -> SignerReply {
    do throws(TPMError) {
      switch request {
      case .sign(let digest): return .done(try sign(digest: digest, with: identity.key))
      case .activate(let credential):
        return .done(try activate(credential, for: identity.key, by: identity.endorsementKind))
      }
    } catch { return .refused("\(error)") }
  }
}
