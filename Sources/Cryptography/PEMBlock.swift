import COpenSSL

/// The first PEM block of a text, still encrypted if it was.
struct PEMBlock: ~Copyable {
  let label: String
  let data: UnsafeMutablePointer<UInt8>
  let count: Int

  /// Throws `malformedKey` when there is no whole block.
  init(_ text: [UInt8]) throws(CryptographyError) {
    let stream = try MemoryStream()
    try stream.write(text)
    var name: UnsafeMutablePointer<CChar>?
    var header: UnsafeMutablePointer<CChar>?
    var bytes: UnsafeMutablePointer<UInt8>?
    var length = 0
    guard PEM_read_bio(stream.pointer, &name, &header, &bytes, &length) == 1, let name, let bytes else {
      throw CryptographyError(.malformedKey, "no PEM block")
    }
    defer {
      shim_OPENSSL_free(name)
      shim_OPENSSL_free(header)
    }
    label = String(cString: name)
    data = bytes
    count = length
  }

  deinit { shim_OPENSSL_clear_free(data, count) }
}
