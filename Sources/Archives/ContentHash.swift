import Cryptography

/// SHA-256 of a file's content, with this module's errors.
struct ContentHash: ~Copyable {
  private var digest: Digest

  init() throws(ArchiveError) {
    do { digest = try Digest(.sha256) } catch { throw Self.failure(error) }
  }

  mutating func update(_ bytes: UnsafeRawBufferPointer) throws(ArchiveError) {
    do { try digest.update(bytes) } catch { throw Self.failure(error) }
  }

  consuming func finish() throws(ArchiveError) -> SHA256Digest {
    let bytes: [UInt8]
    do { bytes = try digest.finish() } catch { throw Self.failure(error) }
    guard let result = SHA256Digest(bytes: bytes) else { throw ArchiveError(.library, nil, "digest length") }
    return result
  }

  private static func failure(_ error: CryptographyError) -> ArchiveError { ArchiveError(.library, nil, "\(error)") }
}
