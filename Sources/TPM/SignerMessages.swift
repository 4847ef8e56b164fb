import TPMState

/// What may be asked of the process that has the TPM: to use the device's key in two ways, and which key that is; nothing
/// else.
public enum SignerRequest: Hashable, Sendable {
  /// A digest of 32 bytes, to be signed with the device's key.
  case sign(digest: [UInt8])
  /// A challenge for the device's key, to be answered.
  case activate(MadeCredential)
  /// The public half of the key, which every signature gives away as well, and its certificates.
  case identity

  /// The most bytes that a request may have.
  public static let limit = 4096

  public var encoded: [UInt8] {
    switch self {
    case .sign(let digest): return [1] + digest
    case .activate(let credential):
      var writer = WireWriter()
      writer.writeSized(credential.wrapped)
      writer.writeSized(credential.seed)
      return [2] + writer.bytes
    case .identity: return [3]
    }
  }

  /// Throws `malformed` for anything but one of the three, whole and without more after it.
  public init(encoded bytes: [UInt8]) throws(TPMError) {
    guard bytes.count <= Self.limit else { throw TPMError(.malformed, "a request of \(bytes.count) bytes") }
    switch bytes.first {
    case 1 where bytes.count == 33: self = .sign(digest: Array(bytes.dropFirst()))
    case 2:
      var reader = WireReader(Array(bytes.dropFirst()))
      let credential = MadeCredential(wrapped: try reader.readSized(), seed: try reader.readSized())
      try reader.end()
      self = .activate(credential)
    case 3 where bytes.count == 1: self = .identity
    default: throw TPMError(.malformed, "a request that is none of a signer's")
    }
  }
}

/// What it answers.
public enum SignerReply: Hashable, Sendable {
  /// The signature in DER, what the credential held, or the identity.
  case done([UInt8])
  /// Why not, for people.
  case refused(Refusal, String)

  public enum Refusal: UInt8, Sendable, CaseIterable {
    case forGood = 1
    /// It may go well a little later.
    case forNow = 2
    /// The user who asks is another's than the signer's.
    case user = 3
  }

  public var encoded: [UInt8] {
    switch self {
    case .done(let bytes): [0] + bytes
    case .refused(let refusal, let reason): [refusal.rawValue] + Array(reason.utf8.prefix(4096))
    }
  }

  public init(encoded bytes: [UInt8]) throws(TPMError) {
    guard let first = bytes.first, first == 0 || Refusal(rawValue: first) != nil else {
      throw TPMError(.malformed, "a reply that is none of a signer's")
    }
    let rest = bytes.dropFirst()
    self = Refusal(rawValue: first).map { .refused($0, String(decoding: rest, as: UTF8.self)) } ?? .done(Array(rest))
  }

  public static func refused(_ error: TPMError) -> SignerReply {
    .refused(error.isTransient ? .forNow : .forGood, "\(error)")
  }
}

extension TPMDevice {
  /// Answers one request with the keys of `identity`. The TPM is opened where it is needed, and for no longer.
  public static func answer(
    _ request: SignerRequest, with identity: DeviceIdentity, chain: [[UInt8]], at tcti: TCTI
  ) -> SignerReply {
    do throws(TPMError) {
      switch request {
      case .sign(let digest): return .done(try TPMDevice(tcti).sign(digest: digest, with: identity.key))
      case .activate(let credential):
        return .done(
          try TPMDevice(tcti).activate(credential, for: identity.key, by: identity.endorsementKind))
      case .identity: return .done(PublicIdentity(area: identity.key.area, chain: chain).encoded)
      }
    } catch { return .refused(error) }
  }
}
