import COpenSSL

/// Who is named in an X.509 certificate, for people.
public enum CertificateNames {
  /// The issuer's common name, or its organization where it has none; nil for what is no certificate.
  public static func issuer(der: [UInt8]) -> String? {
    der.withUnsafeBufferPointer { buffer in
      var next = buffer.baseAddress
      guard let certificate = d2i_X509(nil, &next, buffer.count) else { return nil }
      defer { X509_free(certificate) }
      guard let name = X509_get_issuer_name(certificate) else { return nil }
      for kind in [NID_commonName, NID_organizationName] {
        var text = [CChar](repeating: 0, count: 256)
        let length = X509_NAME_get_text_by_NID(name, kind, &text, Int32(text.count))
        if length > 0 {
          return String(decoding: text.prefix(Int(length)).map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
      }
      return nil
    }
  }
}
