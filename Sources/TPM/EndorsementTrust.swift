import Cryptography

/// What makes an endorsement key one of a real TPM, as an admin has it: a maker's word, or that it is on a list.
public struct EndorsementTrust: Sendable {
  /// Why a key is believed.
  public enum Grounds: String, Sendable {
    case authority, list
  }

  /// Whose word is taken; nil: nobody's.
  private let authorities: CertificateAuthorities?
  /// SHA-256 of SubjectPublicKeyInfo, 32 bytes each.
  private let list: Set<[UInt8]>

  /// nil where an admin has said neither.
  public init?(authorities: CertificateAuthorities?, list: Set<[UInt8]>?) {
    guard authorities != nil || list != nil else { return nil }
    self.authorities = authorities
    self.list = list ?? []
  }

  /// - Parameter time: seconds since 1970 at which certificates have to be valid.
  /// - Throws: `EndorsementRefusal`.
  @discardableResult
  public func check(_ key: EndorsementKey, at time: Int64) throws(EndorsementRefusal) -> Grounds {
    if let fingerprint = try? key.fingerprint(), list.contains(fingerprint) { return .list }
    guard let authorities else { throw .notListed }
    guard let certificate = key.certificate else { throw .noCertificate }
    guard certificate.publicKey == key.publicKey else { throw .otherKey }
    do { try authorities.verify(certificate, at: time) } catch { throw .untrusted(error.detail) }
    return .authority
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
