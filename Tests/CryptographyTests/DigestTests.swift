import Cryptography
import Testing

@Suite struct DigestTests {
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
  ]) func agreesWithThePublishedVectors(_ text: String, _ hex: String) throws {
    let digest = try sha256(Array(text.utf8))
    #expect(digest.hex == hex && SHA256Digest(hex: hex) == digest && "\(digest)" == hex)
  }

  @Test func sha512OfABC() throws {
    let hex = Hex.encode(try Digest.of(Array("abc".utf8), .sha512))
    #expect(hex.hasPrefix("ddaf35a193617abacc417349ae204131") && hex.hasSuffix("2a9ac94fa54ca49f"))
  }

  @Test func streamingInPiecesIsTheSame() throws {
    let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0) }
    var digest = try Digest(.sha256)
    for start in stride(from: 0, to: bytes.count, by: 777) {
      try bytes[start..<min(start + 777, bytes.count)].withUnsafeBytes { try digest.update($0) }
      try digest.update([])
    }
    #expect(try digest.finish() == sha256(bytes).bytes)
  }

  @Test(arguments: ["", "ab", String(repeating: "AB", count: 32), String(repeating: "0g", count: 32)])
  func malformedHexIsNoDigest(_ hex: String) {
    #expect(SHA256Digest(hex: hex) == nil)
  }

  @Test func randomBytesDiffer() throws {
    let (one, other) = (try randomBytes(32), try randomBytes(32))
    #expect(one.count == 32 && one != other)
    #expect(try randomBytes(0).isEmpty)
    #expect(throws: CryptographyError(.failed, "")) { try randomBytes(-1) }
  }
}
