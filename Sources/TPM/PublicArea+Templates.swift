import Cryptography

extension PublicArea {
  /// PolicySecret of the endorsement hierarchy: who may use that, may use the key (TCG EK Credential Profile 2.5, B.6.2).
  private static let endorsementPolicy =
    Hex.decode("837197674484b3f81a90cc8d46a5d724fd52d76e06520b64f2a1da1b331469aa") ?? []
  private static let emptyPoint = Key.p256(x: [UInt8](repeating: 0, count: 32), y: [UInt8](repeating: 0, count: 32))

  /// The endorsement key for RSA 2048 (TCG EK Credential Profile 2.5, B.3.3, template L-1).
  static let endorsementRSA = PublicArea(
    attributes: [.fixedTPM, .fixedParent, .sensitiveDataOrigin, .adminWithPolicy, .restricted, .decrypt],
    policy: endorsementPolicy, use: .storage,
    key: .rsa(bits: 2048, exponent: 0, modulus: [UInt8](repeating: 0, count: 256)))

  /// The endorsement key for the curve P-256 (B.3.4, template L-2).
  static let endorsementECC = PublicArea(
    attributes: endorsementRSA.attributes, policy: endorsementPolicy, use: .storage, key: emptyPoint)

  /// The storage root key, which wraps ours (TCG TPM v2.0 Provisioning Guidance 1.0, 7.5.1).
  static let storageRoot = PublicArea(
    attributes: [.fixedTPM, .fixedParent, .sensitiveDataOrigin, .userWithAuth, .noDA, .restricted, .decrypt],
    policy: [], use: .storage, key: emptyPoint)

  /// A key that signs any digest, made in the TPM and never outside of it. Lockouts do not stop it, for it has no password
  /// that could be tried.
  static let signing = PublicArea(
    attributes: [.fixedTPM, .fixedParent, .sensitiveDataOrigin, .userWithAuth, .noDA, .sign],
    policy: [], use: .ecdsaSHA256, key: .p256(x: [], y: []))

  /// Whether a key that a device shows is one that cannot have left its TPM, and is made for signing alone.
  public var isDeviceKey: Bool {
    attributes == Self.signing.attributes && use == .ecdsaSHA256 && policy.isEmpty
  }
}
