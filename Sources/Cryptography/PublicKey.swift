import COpenSSL

/// A public key for checking signatures. Two values are equal exactly when they are the same key, however each was
/// encoded: the bytes compared are always the canonical SubjectPublicKeyInfo.
public struct PublicKey: Hashable, Sendable {
  public let scheme: SignatureScheme
  /// SubjectPublicKeyInfo in DER (RFC 5280, 4.1.2.7), points uncompressed.
  public let der: [UInt8]

  init(scheme: SignatureScheme, canonical der: [UInt8]) {
    self.scheme = scheme
    self.der = der
  }

  /// The ed25519 key of these 32 bytes (RFC 8032). Throws `malformedKey` for any other length.
  public init(ed25519 raw: [UInt8]) throws(CryptographyError) {
    guard raw.count == 32 else { throw CryptographyError(.malformedKey, "an ed25519 key has 32 bytes") }
    self.init(scheme: .ed25519, canonical: SubjectPublicKeyInfo.ed25519Prefix + raw)
  }

  /// A PEM block "PUBLIC KEY". Throws `malformedKey`, or `unsupportedKey` for other curves, kinds and RSA under 2048 bits.
  public init(pem: [UInt8]) throws(CryptographyError) {
    try Library.prepare()
    let stream = try MemoryStream()
    try stream.write(pem)
    let handle = try KeyHandle(
      // Without a callback of ours the library would ask the terminal for the passphrase of a block that claims one.
      owning: PEM_read_bio_PUBKEY(stream.pointer, nil, { _, _, _, _ in -1 }, nil),
      or: CryptographyError(.malformedKey, "not a PEM public key"))
    try self.init(handle)
  }

  init(_ handle: borrowing KeyHandle) throws(CryptographyError) {
    let (scheme, der) = try SubjectPublicKeyInfo.canonical(handle)
    self.init(scheme: scheme, canonical: der)
  }

  /// The bare 32 bytes of an ed25519 key; nil for other kinds.
  public var ed25519Bytes: [UInt8]? { scheme == .ed25519 ? Array(der.suffix(32)) : nil }

  /// The key as a PEM block "PUBLIC KEY" with a final newline.
  public var pem: String {
    "-----BEGIN PUBLIC KEY-----\n\(Base64.lines(der))-----END PUBLIC KEY-----\n"
  }

  /// Whether `signature` is this key's over `message`. A malformed signature is simply not valid.
  public func verify(signature: [UInt8], message: [UInt8]) -> Bool {
    (try? checked(signature, message)) ?? false
  }

  private func checked(_ signature: [UInt8], _ message: [UInt8]) throws(CryptographyError) -> Bool {
    try Library.prepare()
    defer { ERR_clear_error() }
    let key = try SubjectPublicKeyInfo.handle(der, scheme)
    let context = try DigestContext()
    var options: OpaquePointer?
    guard EVP_DigestVerifyInit(context.pointer, &options, scheme.digest, nil, key.pointer) == 1 else {
      throw Library.failure("verification start")
    }
    // Any salt length is accepted, as other TUF implementations have used different ones; signing uses 32 bytes.
    try scheme.configure(options, saltLength: RSA_PSS_SALTLEN_AUTO)
    return EVP_DigestVerify(context.pointer, signature, signature.count, message, message.count) == 1
  }
}

extension SignatureScheme {
  var digest: OpaquePointer? {
    switch self {
    case .ed25519: nil
    case .ecdsaP256, .rsaPSS: EVP_sha256()
    case .ecdsaP384: EVP_sha384()
    }
  }

  func configure(_ options: OpaquePointer?, saltLength: Int32) throws(CryptographyError) {
    guard self == .rsaPSS else { return }
    guard EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1,
      EVP_PKEY_CTX_set_rsa_pss_saltlen(options, saltLength) == 1,
      EVP_PKEY_CTX_set_rsa_mgf1_md(options, EVP_sha256()) == 1
    else { throw Library.failure("PSS padding") }
  }
}
