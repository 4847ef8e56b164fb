import COpenSSL

/// Owns one `EVP_PKEY`. Safe to share: libcrypto locks its reference count, and nothing here changes a key once made.
struct KeyHandle: ~Copyable, @unchecked Sendable {
  let pointer: OpaquePointer

  /// Takes over `pointer`, the result of a call to libcrypto.
  init(owning pointer: OpaquePointer?, or error: @autoclosure () -> CryptographyError) throws(CryptographyError) {
    guard let pointer else { throw error() }
    self.pointer = pointer
  }

  deinit { EVP_PKEY_free(pointer) }
}

/// Owns one memory `BIO`, libcrypto's stream.
struct MemoryStream: ~Copyable {
  let pointer: OpaquePointer

  /// An empty stream to write to.
  init() throws(CryptographyError) {
    guard let pointer = BIO_new(BIO_s_secmem()) else { throw CryptographyError(.failed, "memory stream") }
    self.pointer = pointer
  }

  /// Appends `bytes`, to be read from the stream.
  borrowing func write(_ bytes: [UInt8]) throws(CryptographyError) {
    guard bytes.count <= Int(Int32.max), BIO_write(pointer, bytes, Int32(bytes.count)) == Int32(bytes.count) else {
      throw CryptographyError(.failed, "memory stream")
    }
  }

  var bytes: [UInt8] {
    var start: UnsafePointer<UInt8>?
    let count = shim_BIO_get_mem_data(pointer, &start)
    return Array(UnsafeBufferPointer(start: start, count: max(0, count)))
  }

  deinit { BIO_free(pointer) }
}
