import COpenSSL

/// Certificates that an admin trusts to vouch for others, makers' of TPMs for example.
public struct CertificateAuthorities: Sendable {
  public let certificates: [Certificate]

  public init(_ certificates: [Certificate]) { self.certificates = certificates }

  /// Checks that a chain of valid signatures leads from `certificate` to one of these: a root, or any authority that the
  /// admin has put in the folder by itself (OpenSSL's X509_verify_cert(3), partial chains allowed).
  ///
  /// - Parameters:
  ///   - certificate: with the key that is asked about.
  ///   - time: seconds since 1970, at which all of the chain has to be valid.
  /// - Throws: `untrusted`, with OpenSSL's reason.
  public func verify(_ certificate: Certificate, at time: Int64) throws(CryptographyError) {
    try Library.prepare()
    defer { ERR_clear_error() }
    let leaf = try CertificateHandle(certificate.der)
    let store = try Store()
    let context = try Context()
    for authority in certificates {
      let handle = try CertificateHandle(authority.der)
      guard X509_STORE_add_cert(store.pointer, handle.pointer) == 1 else { throw Library.failure("authority") }
    }
    guard X509_STORE_CTX_init(context.pointer, store.pointer, leaf.pointer, nil) == 1 else {
      throw Library.failure("verification")
    }
    let parameters = X509_STORE_CTX_get0_param(context.pointer)
    X509_VERIFY_PARAM_set_time(parameters, time_t(time))
    guard X509_VERIFY_PARAM_set_flags(parameters, UInt(X509_V_FLAG_PARTIAL_CHAIN)) == 1 else {
      throw Library.failure("verification")
    }
    // A certificate that lies in the folder itself would vouch for itself.
    guard !certificates.contains(certificate) else {
      throw CryptographyError(.untrusted, "it is itself among the authorities")
    }
    guard X509_verify_cert(context.pointer) == 1 else {
      let reason = X509_verify_cert_error_string(Int(X509_STORE_CTX_get_error(context.pointer)))
      throw CryptographyError(
        .untrusted, "\(reason.map { String(cString: $0) } ?? "unknown") (issuer: \(certificate.issuer))")
    }
  }

  /// Owns one `X509_STORE`.
  private struct Store: ~Copyable {
    let pointer: OpaquePointer

    init() throws(CryptographyError) {
      guard let pointer = X509_STORE_new() else { throw CryptographyError(.failed, "certificate store") }
      self.pointer = pointer
    }

    deinit { X509_STORE_free(pointer) }
  }

  /// Owns one `X509_STORE_CTX`.
  private struct Context: ~Copyable {
    let pointer: OpaquePointer

    init() throws(CryptographyError) {
      guard let pointer = X509_STORE_CTX_new() else { throw CryptographyError(.failed, "verification context") }
      self.pointer = pointer
    }

    deinit { X509_STORE_CTX_free(pointer) }
  }
}
