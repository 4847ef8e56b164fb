import Cryptography
import TPM

extension FuzzTarget {
  static let identities = [publicArea, signer, certificate]

  /// What a TPM, or whoever claims to be one, says of a key: what is read is written as it came.
  private static let publicArea = FuzzTarget("tpm-public", maximumLength: 1024) { (bytes) throws(Finding) in
    guard let area = try? PublicArea(encoded: bytes) else { return false }
    try require(area.encoded == bytes, "written differently")
    let name = try mustSucceed("name") { () throws in try area.name() }
    try require(name.count == 34, "a name of \(name.count) bytes")
    if let key = try? area.publicKey() {
      let again = try mustSucceed("key written and read") { () throws in try PublicKey(pem: Array(key.pem.utf8)) }
      try require(again == key, "another key after writing and reading")
    }
    return true
  }

  /// Both sides of the conversation with the signer: a request is what it was when it is written again, and a reply is
  /// no longer than the other side takes.
  private static let signer = FuzzTarget("tpm-signer", maximumLength: 5000) { (bytes) throws(Finding) in
    if let reply = try? SignerReply(encoded: bytes) {
      let again = try mustSucceed("reply read again") { () throws in try SignerReply(encoded: reply.encoded) }
      switch (reply, again) {
      case (.done(let one), .done(let other)): try require(one == other, "another answer")
      case (.refused, .refused): try require(reply.encoded.count <= SignerRequest.limit, "a long refusal")
      default: throw Finding("\(reply) becomes \(again)")
      }
    }
    guard let request = try? SignerRequest(encoded: bytes) else { return false }
    try require(request.encoded == bytes, "written differently")
    if case .sign(let digest) = request { try require(digest.count == 32, "a digest of \(digest.count) bytes") }
    return true
  }

  /// Certificates, in PEM or DER: each is itself again when it is read from its own bytes, none vouches for itself, and
  /// whatever one says about itself can be shown.
  private static let certificate = FuzzTarget("certificate", maximumLength: 8192) { (bytes) throws(Finding) in
    _ = PresentedCertificate(der: bytes)
    _ = PresentedCertificate.isFor(address: "192.0.2.7", der: bytes)
    guard let all = try? Certificate.all(in: bytes), let first = all.first else { return false }
    for one in all {
      let again = try mustSucceed("read again") { () throws in try Certificate(der: one.der) }
      try require(again == one, "differs after writing and reading")
      let vouched = (try? CertificateAuthorities([one]).verify(one, at: 1_795_413_600)) != nil
      try require(!vouched, "it vouches for itself")
      if let shown = PresentedCertificate(der: one.der) {
        try require(PresentedCertificate(der: one.der) == shown, "shown differently")
      }
    }
    _ = try? CertificateAuthorities(Array(all.dropFirst())).verify(first, at: 1_795_413_600)
    return true
  }
}
