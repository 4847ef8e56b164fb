import COpenSSL

/// An X.509 certificate (RFC 5280), read and not yet believed.
public struct Certificate: Hashable, Sendable {
  public let der: [UInt8]
  /// For people (RFC 2253); of a certificate without subject the names of its extension, as TPMs' certificates have it.
  public let subject: String
  public let issuer: String
  /// Whose certificate it is. nil: of a kind that this module does not know.
  public let publicKey: PublicKey?

  /// Reads one certificate in DER; what comes after it is dropped, for storage may be larger than what is kept there.
  public init(der bytes: [UInt8]) throws(CryptographyError) {
    try self.init(CertificateHandle(bytes))
  }

  init(_ handle: borrowing CertificateHandle) throws(CryptographyError) {
    der = try handle.encoded()
    let names = [X509_get_subject_name(handle.pointer), X509_get_issuer_name(handle.pointer)]
    issuer = try handle.text(names[1])
    let subject = try handle.text(names[0])
    self.subject = subject.isEmpty ? try handle.alternativeName() : subject
    publicKey = try? PublicKey(
      KeyHandle(owning: X509_get_pubkey(handle.pointer), or: CryptographyError(.unsupportedKey, "no key")))
    ERR_clear_error()
  }

  /// All certificates of a file: PEM blocks "CERTIFICATE", or one in DER.
  public static func all(in file: [UInt8]) throws(CryptographyError) -> [Certificate] {
    try Library.prepare()
    defer { ERR_clear_error() }
    if file.first == 0x30 { return [try Certificate(der: file)] }
    let stream = try MemoryStream()
    try stream.write(file)
    var all: [Certificate] = []
    while let pointer = PEM_read_bio_X509(stream.pointer, nil, { _, _, _, _ in -1 }, nil) {
      all.append(try Certificate(CertificateHandle(owning: pointer)))
    }
    guard !all.isEmpty else { throw CryptographyError(.malformedCertificate, "neither PEM nor DER") }
    return all
  }
}

/// Owns one `X509`.
struct CertificateHandle: ~Copyable {
  let pointer: OpaquePointer

  init(owning pointer: OpaquePointer) { self.pointer = pointer }

  init(_ der: [UInt8]) throws(CryptographyError) {
    try Library.prepare()
    let pointer = der.withUnsafeBufferPointer { buffer in
      var position = buffer.baseAddress
      return d2i_X509(nil, &position, buffer.count)
    }
    guard let pointer else {
      ERR_clear_error()
      throw CryptographyError(.malformedCertificate, "not X.509 in DER")
    }
    self.pointer = pointer
  }

  deinit { X509_free(pointer) }

  func encoded() throws(CryptographyError) -> [UInt8] {
    var start: UnsafeMutablePointer<UInt8>?
    let count = i2d_X509(pointer, &start)
    guard count > 0, let start else { throw Library.failure("certificate encoding") }
    defer { shim_OPENSSL_free(start) }
    return Array(UnsafeBufferPointer(start: start, count: Int(count)))
  }

  func text(_ name: OpaquePointer?) throws(CryptographyError) -> String {
    let stream = try MemoryStream()
    guard shim_X509_NAME_print(stream.pointer, name) >= 0 else {
      throw Library.failure("certificate name")
    }
    return String(decoding: stream.bytes, as: UTF8.self)
  }

  /// The directory names of subjectAltName (RFC 5280, 4.2.1.6): a TPM's maker, model and version.
  func alternativeName() throws(CryptographyError) -> String {
    guard let names = X509_get_ext_d2i(pointer, NID_subject_alt_name, nil, nil) else { return "" }
    let stack = OpaquePointer(names)
    defer { shim_GENERAL_NAMES_free(stack) }
    var texts: [String] = []
    for index in 0..<shim_sk_GENERAL_NAME_num(stack) {
      guard let name = shim_GENERAL_NAME_directory(stack, index) else { continue }
      texts.append(try text(name))
    }
    return texts.joined(separator: " ")
  }
}
