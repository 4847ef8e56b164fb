import COpenSSL

/// A streaming SHA-2 digest: `update` any number of times, then `finish` once.
public struct Digest: ~Copyable {
  public enum Algorithm: String, Sendable, CaseIterable {
    case sha256, sha512

    /// The length of the result in bytes.
    public var length: Int { self == .sha256 ? 32 : 64 }
  }

  private let context: DigestContext
  private let algorithm: Algorithm

  public init(_ algorithm: Algorithm) throws(CryptographyError) {
    try Library.prepare()
    let context = try DigestContext()
    let type = algorithm == .sha256 ? EVP_sha256() : EVP_sha512()
    guard EVP_DigestInit_ex(context.pointer, type, nil) == 1 else { throw Library.failure("digest start") }
    self.algorithm = algorithm
    self.context = context
  }

  public mutating func update(_ bytes: UnsafeRawBufferPointer) throws(CryptographyError) {
    guard bytes.count > 0 else { return }
    guard EVP_DigestUpdate(context.pointer, bytes.baseAddress, bytes.count) == 1 else {
      throw Library.failure("digest")
    }
  }

  public mutating func update(_ bytes: [UInt8]) throws(CryptographyError) {
    let updated = bytes.withUnsafeBytes { EVP_DigestUpdate(context.pointer, $0.baseAddress, $0.count) }
    guard bytes.isEmpty || updated == 1 else { throw Library.failure("digest") }
  }

  /// The digest of all bytes given: 32 or 64 bytes.
  public consuming func finish() throws(CryptographyError) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: algorithm.length)
    guard EVP_DigestFinal_ex(context.pointer, &result, nil) == 1 else { throw Library.failure("digest end") }
    return result
  }

  /// The digest of `bytes` in one go.
  public static func of(_ bytes: [UInt8], _ algorithm: Algorithm) throws(CryptographyError) -> [UInt8] {
    var digest = try Digest(algorithm)
    try digest.update(bytes)
    return try digest.finish()
  }
}

/// Owns one `EVP_MD_CTX`.
struct DigestContext: ~Copyable {
  let pointer: OpaquePointer

  init() throws(CryptographyError) {
    guard let pointer = EVP_MD_CTX_new() else { throw CryptographyError(.failed, "digest context") }
    self.pointer = pointer
  }

  deinit { EVP_MD_CTX_free(pointer) }
}
