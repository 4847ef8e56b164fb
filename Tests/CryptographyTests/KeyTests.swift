import Testing

@testable import Cryptography

private let passphrase = Array("correct-horse".utf8)

@Suite struct KeyTests {
  @Test(arguments: SignatureScheme.allCases) func encryptedKeysComeBack(_ scheme: SignatureScheme) throws {
    let key = try PrivateKey.generate(scheme)
    let pem = try key.encryptedPEM(passphrase: passphrase)
    #expect(pem.starts(with: "-----BEGIN ENCRYPTED PRIVATE KEY-----".utf8))
    #expect(try PrivateKey(pem: pem, passphrase: passphrase).publicKey == key.publicKey)
    #expect(try key.encryptedPEM(passphrase: passphrase) != pem)
  }

  @Test func opensslReadsOurKeysAndWeReadItsOwn() throws {
    try OpenSSLTool.use { tool in
      let key = try PrivateKey.generate()
      try tool.write("ours.pem", try key.encryptedPEM(passphrase: passphrase))
      try #require(try tool.run("pkey -in ours.pem -passin pass:correct-horse -pubout -out public.pem") == 0)
      #expect(try PublicKey(pem: try tool.read("public.pem")) == key.publicKey)
      for options in ["-scrypt", "-v2 aes-256-cbc", "-v2 aes-128-cbc -v2prf hmacWithSHA512"] {
        let command =
          "pkcs8 -topk8 -in ours.pem -passin pass:correct-horse -passout pass:correct-horse -out theirs.pem \(options)"
        try #require(try tool.run(command) == 0)
        #expect(try PrivateKey(pem: try tool.read("theirs.pem"), passphrase: passphrase).publicKey == key.publicKey)
      }
    }
  }

  @Test func wrongPassphraseIsToldFromDamage() throws {
    let pem = try PrivateKey.generate().encryptedPEM(passphrase: passphrase)
    let wrong = CryptographyError(.wrongPassphrase, "")
    #expect(throws: wrong) { try PrivateKey(pem: pem) }
    #expect(throws: wrong) { try PrivateKey(pem: pem, passphrase: []) }
    #expect(throws: wrong) { try PrivateKey(pem: pem, passphrase: Array("incorrect".utf8)) }
    #expect(throws: wrong) { try PrivateKey.generate().encryptedPEM(passphrase: []) }
    #expect(throws: CryptographyError(.malformedKey, "")) {
      try PrivateKey(pem: Array(pem.dropLast(40)), passphrase: passphrase)
    }
  }

  @Test(arguments: [
    "", "not a key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
  ]) func malformedKeysAreRefused(_ text: String) {
    #expect(throws: CryptographyError(.malformedKey, "")) {
      try PrivateKey(pem: Array(text.utf8), passphrase: passphrase)
    }
    #expect(throws: CryptographyError(.malformedKey, "")) { try PublicKey(pem: Array(text.utf8)) }
  }

  @Test(arguments: [
    "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out key.pem", "genpkey -algorithm ed448 -out key.pem",
    "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1 -out key.pem", "genpkey -algorithm X25519 -out key.pem",
    "ecparam -name prime256v1 -genkey -noout -out key.pem",
  ]) func otherKeysAreUnsupported(_ command: String) throws {
    try OpenSSLTool.use { tool in
      try #require(try tool.run(command) == 0)
      let pem = try tool.read("key.pem")
      #expect(throws: CryptographyError(.unsupportedKey, "")) { try PrivateKey(pem: pem) }
    }
  }

  @Test func anUnknownEncryptionIsUnsupported() throws {
    // PBES2's identifier 1.2.840.113549.1.5.13 made into one that nothing defines.
    let pem = try PrivateKey.generate().encryptedPEM(passphrase: passphrase)
    let lines = String(decoding: pem, as: UTF8.self).split(separator: "\n").dropFirst().dropLast()
    var der = try #require(decodeBase64(lines.joined()))
    let identifier = try #require(
      der.indices.first { der[$0...].starts(with: [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x05, 0x0D]) })
    der[identifier + 8] = 0x63
    let changed =
      "-----BEGIN ENCRYPTED PRIVATE KEY-----\n\(Base64.lines(der))-----END ENCRYPTED PRIVATE KEY-----\n"
    #expect(throws: CryptographyError(.unsupportedKey, "")) {
      try PrivateKey(pem: Array(changed.utf8), passphrase: passphrase)
    }
  }

  @Test func oneKeyHasOneEncoding() throws {
    try OpenSSLTool.use { tool in
      try #require(try tool.run("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem") == 0)
      try #require(try tool.run("pkey -in key.pem -pubout -out plain.pem") == 0)
      try #require(try tool.run("ec -in key.pem -pubout -conv_form compressed -out compressed.pem") == 0)
      try #require(try tool.run("ec -in key.pem -pubout -param_enc explicit -out explicit.pem") == 0)
      let plain = try tool.read("plain.pem")
      let key = try PublicKey(pem: plain)
      for name in ["compressed.pem", "explicit.pem"] {
        let other = try tool.read(name)
        #expect(other != plain)
        #expect(try PublicKey(pem: other) == key)
      }
      #expect(Array(key.pem.utf8) == plain)
    }
  }

  @Test func ed25519KeysAreThirtyTwoBytes() throws {
    let key = try PrivateKey.generate().publicKey
    let raw = try #require(key.ed25519Bytes)
    #expect(try PublicKey(ed25519: raw) == key)
    #expect(throws: CryptographyError(.malformedKey, "")) { try PublicKey(ed25519: raw + [0]) }
  }

  private func decodeBase64(_ text: String) -> [UInt8]? {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var (bytes, word, bits): ([UInt8], UInt32, Int) = ([], 0, 0)
    for character in text.utf8 where character != UInt8(ascii: "=") {
      guard let value = alphabet.firstIndex(of: character) else { return nil }
      word = word << 6 | UInt32(value)
      bits += 6
      if bits >= 8 {
        bits -= 8
        bytes.append(UInt8(truncatingIfNeeded: word >> UInt32(bits)))
      }
    }
    return bytes
  }
}
