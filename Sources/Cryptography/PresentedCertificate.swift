import COpenSSL
import Glibc

/// What an X.509 certificate says about itself, for people. Nothing is verified here.
public struct PresentedCertificate: Sendable, Hashable {
  /// The common name, or the organization where there is none; empty when there is neither.
  public let subject: String
  /// As `subject`, of whoever signed it.
  public let issuer: String
  /// Unix seconds.
  public let notBefore: Int64
  /// Unix seconds.
  public let notAfter: Int64

  /// nil for what is no certificate.
  public init?(der: [UInt8]) {
    let read = Self.withCertificate(der) { certificate -> Self? in
      guard let before = Self.seconds(X509_get0_notBefore(certificate)),
        let after = Self.seconds(X509_get0_notAfter(certificate))
      else { return nil }
      return Self(
        subject: Self.name(X509_get_subject_name(certificate)), issuer: Self.name(X509_get_issuer_name(certificate)),
        notBefore: before, notAfter: after)
    }
    guard let read = read ?? nil else { return nil }
    self = read
  }

  /// Whether a certificate is for an IP address, given as text (RFC 5280, 4.2.1.6: iPAddress).
  public static func isFor(address: String, der: [UInt8]) -> Bool {
    withCertificate(der) { X509_check_ip_asc($0, address, 0) == 1 } ?? false
  }

  private init(subject: String, issuer: String, notBefore: Int64, notAfter: Int64) {
    self.subject = subject
    self.issuer = issuer
    self.notBefore = notBefore
    self.notAfter = notAfter
  }

  private static func withCertificate<Result>(_ der: [UInt8], _ body: (OpaquePointer) -> Result) -> Result? {
    der.withUnsafeBufferPointer { buffer in
      var next = buffer.baseAddress
      guard let certificate = d2i_X509(nil, &next, buffer.count) else { return nil }
      defer { X509_free(certificate) }
      return body(certificate)
    }
  }

  private static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64? {
    guard let time else { return nil }
    var parts = tm()
    guard ASN1_TIME_to_tm(time, &parts) == 1 else { return nil }
    return Int64(timegm(&parts))
  }

  private static func name(_ name: OpaquePointer?) -> String {
    guard let name else { return "" }
    for kind in [NID_commonName, NID_organizationName] {
      let index = X509_NAME_get_index_by_NID(name, kind, -1)
      guard index >= 0, let entry = X509_NAME_get_entry(name, index), let value = X509_NAME_ENTRY_get_data(entry) else {
        continue
      }
      var text: UnsafeMutablePointer<UInt8>?
      let length = ASN1_STRING_to_UTF8(&text, value)
      guard length > 0, let text else { continue }
      defer { shim_OPENSSL_free(text) }
      return String(decoding: UnsafeBufferPointer(start: text, count: Int(length)), as: UTF8.self)
    }
    return ""
  }
}
