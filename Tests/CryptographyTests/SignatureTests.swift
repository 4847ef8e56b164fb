import Testing

@testable import Cryptography

private let message = Array("to be signed".utf8)

extension SignatureScheme {
  /// What openssl(1) needs to sign and verify in this scheme.
  fileprivate var toolOptions: String {
    switch self {
    case .ed25519: "-rawin"
    case .ecdsaP256: "-rawin -digest sha256"
    case .ecdsaP384: "-rawin -digest sha384"
    case .rsaPSS: "-rawin -digest sha256 -pkeyopt rsa_padding_mode:pss -pkeyopt rsa_pss_saltlen:32"
    }
  }
}

@Suite struct SignatureTests {
  @Test(arguments: SignatureScheme.allCases) func verifiesOnlyTheSignedMessage(_ scheme: SignatureScheme) throws {
    let key = try PrivateKey.generate(scheme)
    var signature = try key.sign(message)
    #expect(key.publicKey.scheme == scheme)
    #expect(key.publicKey.verify(signature: signature, message: message))
    #expect(!key.publicKey.verify(signature: signature, message: message + [0]))
    #expect(try !PrivateKey.generate(scheme).publicKey.verify(signature: signature, message: message))
    #expect(!key.publicKey.verify(signature: [], message: message))
    #expect(!key.publicKey.verify(signature: signature + [0], message: message))
    signature[signature.count / 2] ^= 1
    #expect(!key.publicKey.verify(signature: signature, message: message))
  }

  @Test func emptyMessagesAreSigned() throws {
    let key = try PrivateKey.generate()
    #expect(key.publicKey.verify(signature: try key.sign([]), message: []))
  }

  @Test(arguments: SignatureScheme.allCases) func opensslVerifiesOurSignatures(_ scheme: SignatureScheme) throws {
    try OpenSSLTool.use { tool in
      let key = try PrivateKey.generate(scheme)
      try tool.write("public.pem", Array(key.publicKey.pem.utf8))
      try tool.write("message", message)
      try tool.write("signature", try key.sign(message))
      let command = "pkeyutl -verify -pubin -inkey public.pem -in message -sigfile signature \(scheme.toolOptions)"
      #expect(try tool.run(command) == 0)
      try tool.write("message", message + [0])
      #expect(try tool.run(command) != 0)
    }
  }

  @Test(
    arguments: [
      (.ed25519, "genpkey -algorithm ed25519 -out key.pem"),
      (.ecdsaP256, "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem"),
      (.ecdsaP384, "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out key.pem"),
      (.rsaPSS, "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out key.pem"),
    ] as [(SignatureScheme, String)])
  func weVerifySignaturesOfOpenssl(_ scheme: SignatureScheme, _ generate: String) throws {
    try OpenSSLTool.use { tool in
      try tool.write("message", message)
      try #require(try tool.run(generate) == 0)
      try #require(try tool.run("pkey -in key.pem -pubout -out public.pem") == 0)
      let sign = "pkeyutl -sign -inkey key.pem -in message -out signature \(scheme.toolOptions)"
      try #require(try tool.run(sign) == 0)
      let key = try PublicKey(pem: try tool.read("public.pem"))
      #expect(key.scheme == scheme)
      #expect(key.verify(signature: try tool.read("signature"), message: message))
      #expect(try PrivateKey(pem: try tool.read("key.pem")).publicKey == key)
    }
  }
}
