import Cryptography

/// What makes an endorsement key one of a real TPM.
public enum EndorsementTrust: Sendable {
  /// Its certificate leads to one of the makers' that an admin trusts.
  case authorities(CertificateAuthorities)
  /// It is on an admin's list: SHA-256 of SubjectPublicKeyInfo, 32 bytes each.
  case list(Set<[UInt8]>)

  /// - Parameter time: seconds since 1970 at which certificates have to be valid.
  /// - Throws: `EndorsementRefusal`.
  public func check(_ key: EndorsementKey, at time: Int64) throws(EndorsementRefusal) {
    switch self {
    case .list(let allowed):
      guard let fingerprint = try? key.fingerprint(), allowed.contains(fingerprint) else { throw .notListed }
    case .authorities(let authorities):
      guard let certificate = key.certificate else { throw .noCertificate }
      guard certificate.publicKey == key.publicKey else { throw .otherKey }
      do { try authorities.verify(certificate, at: time) } catch { throw .untrusted(error.detail) }
    }
  }
}

/// Why an endorsement key is not believed.
public enum EndorsementRefusal: Error, Hashable, Sendable, CustomStringConvertible {
  case noCertificate
  /// The certificate is for some other key.
  case otherKey
  /// No chain leads to an authority; with the reason.
  case untrusted(String)
  case notListed

  public var description: String {
    switch self {
    case .noCertificate: "the TPM has no certificate for its endorsement key"
    case .otherKey: "the certificate is not for this TPM's endorsement key"
    case .untrusted(let reason): "the endorsement key's certificate is not trusted: \(reason)"
    case .notListed: "the endorsement key is not on the list of allowed ones"
    }
  }
}
