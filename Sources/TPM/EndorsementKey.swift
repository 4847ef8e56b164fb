import CTSS2
import Cryptography
import TPMState

/// The key that a TPM's maker vouches for. It is the same as long as the TPM is, whoever clears it.
public struct EndorsementKey: Hashable, Sendable {
  public enum Kind: String, Sendable, CaseIterable {
    case rsa2048, p256

    var template: PublicArea { self == .rsa2048 ? .endorsementRSA : .endorsementECC }
  }

  public let kind: Kind
  public let publicKey: PublicKey
  /// The certificate for this very key in the TPM's storage, not yet believed; nil where there is none.
  public let certificate: Certificate?
  /// NV indices of certificates that could not be read without a password; the key's may be among them.
  public internal(set) var unread: [UInt32] = []

  /// SHA-256 of the key's SubjectPublicKeyInfo: 32 bytes, which lists of allowed keys have.
  public func fingerprint() throws(TPMError) -> [UInt8] { try publicKey.fingerprint() }
}

extension PublicKey {
  /// SHA-256 of the SubjectPublicKeyInfo.
  func fingerprint() throws(TPMError) -> [UInt8] {
    do { return try Digest.of(der, .sha256) } catch { throw TPMError(.unusable, "\(error)") }
  }
}

extension TPMDevice {
  /// The endorsement key with its certificate: that of the first kind which has one, else RSA's.
  public func endorsementKey() throws(TPMError) -> EndorsementKey {
    let stored = try storedCertificates()
    var first: EndorsementKey?
    for kind in EndorsementKey.Kind.allCases {
      let key = try endorsementKey(kind, among: stored)
      if key.certificate != nil { return key }
      first = first ?? key
    }
    guard let first else { throw TPMError(.unusable, "no kind of endorsement key") }
    return first
  }

  /// The endorsement key of one kind.
  public func endorsementKey(_ kind: EndorsementKey.Kind) throws(TPMError) -> EndorsementKey {
    try endorsementKey(kind, among: try storedCertificates())
  }

  private func endorsementKey(
    _ kind: EndorsementKey.Kind, among stored: StoredCertificates
  ) throws(TPMError) -> EndorsementKey {
    let key = try withEndorsementKey(kind) { (_, area) throws(TPMError) in try area.publicKey() }
    let certificates = stored.found.lazy.compactMap { try? Certificate(der: $0) }
    return EndorsementKey(
      kind: kind, publicKey: key, certificate: certificates.first { $0.publicKey == key }, unread: stored.unread)
  }

  func withEndorsementKey<Result>(
    _ kind: EndorsementKey.Kind, _ body: (borrowing Loaded, PublicArea) throws(TPMError) -> Result
  ) throws(TPMError) -> Result {
    try withPrimary(kind.template, of: shim_ESYS_TR_RH_ENDORSEMENT, body)
  }
}
