import COpenSSL

/// `count` bytes from the operating system's random generator, by way of libcrypto; fit for keys and salts.
public func randomBytes(_ count: Int) throws(CryptographyError) -> [UInt8] {
  try Library.prepare()
  guard count >= 0, count <= Int(Int32.max) else { throw CryptographyError(.failed, "random byte count") }
  var bytes = [UInt8](repeating: 0, count: count)
  guard count == 0 || RAND_bytes(&bytes, Int32(count)) == 1 else { throw Library.failure("random bytes") }
  return bytes
}
