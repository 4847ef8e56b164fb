import Cryptography
import Glibc
import SystemPackage
import Testing

@testable import TPM

/// Endorsement keys and what vouches for them: a maker's CA, as swtpm_setup(8) makes one for each test.
@Suite struct EndorsementTests {
  private let time = Int64(Glibc.time(nil)) + 60

  @Test func theCertificateIsForTheKeyAndLeadsToItsMaker() async throws {
    try await SoftwareTPM.with(maker: true) { tpm in
      let device = try TPMDevice(tpm.tcti)
      let key = try device.endorsementKey()
      #expect(try device.loadedHandles() == [])
      let certificate = try #require(key.certificate)
      #expect(key.kind == .rsa2048)
      #expect(certificate.publicKey == key.publicKey)
      #expect(certificate.subject.contains("2.23.133.2.1=") || certificate.subject.contains("CN="))
      let trust = try #require(EndorsementTrust(authorities: try tpm.makers(), list: []))
      #expect(try trust.check(key, at: time) == .authority)
      // A stranger's word: the certificate's own key, and the key as tpm2-tools make it.
      try tpm.write("ek.der", certificate.der)
      try await tpm.tool("createek", "-G", "rsa", "-c", "ek.ctx", "-u", "ek.pem", "-f", "pem")
      let theirs = try PublicKey(pem: try tpm.read("ek.pem"))
      #expect(theirs == key.publicKey)
      try await Program.check(
        "/usr/bin/openssl",
        [
          "verify", "-partial_chain", "-attime", "\(time)", "-CAfile", "\(tpm.authorities)/issuercert.pem",
          "\(tpm.folder)/ek.der",
        ])
    }
  }

  @Test func anothersMakerIsNotBelieved() async throws {
    try await SoftwareTPM.with(maker: true) { tpm in
      let key = try TPMDevice(tpm.tcti).endorsementKey()
      try await SoftwareTPM.with(maker: true) { other in
        let stranger = try TPMDevice(other.tcti).endorsementKey()
        let (ours, theirs) = (try tpm.makers(), try other.makers())
        #expect(refusal(.authorities(theirs), key, time) != nil)
        #expect(refusal(.authorities(CertificateAuthorities([])), key, time) != nil)
        // Its certificate with our key, as a thief would put them together.
        let forged = EndorsementKey(kind: key.kind, publicKey: key.publicKey, certificate: stranger.certificate)
        #expect(refusal(.authorities(theirs), forged, time) == .otherKey)
        // The certificate in the folder is no authority, not even for itself.
        let itself = CertificateAuthorities([try #require(key.certificate)])
        #expect(refusal(.authorities(itself), key, time) != nil)
        // Before any of them was valid; they have no end.
        #expect(refusal(.authorities(ours), key, 1_000_000_000) != nil)
        #expect(refusal(.authorities(ours), key, time) == nil)
        #expect(refusal(.list([try key.fingerprint()]), key, time) == nil)
        #expect(refusal(.list([try stranger.fingerprint()]), key, time) == .notListed)
      }
    }
  }

  @Test func withoutACertificateOnlyAListHelps() async throws {
    try await SoftwareTPM.with { tpm in
      let key = try TPMDevice(tpm.tcti).endorsementKey()
      #expect(key.certificate == nil)
      #expect(refusal(.authorities(CertificateAuthorities([])), key, time) == .noCertificate)
      #expect(refusal(.list([try key.fingerprint()]), key, time) == nil)
    }
  }

  /// The hash that an admin can make of a key with openssl(1).
  @Test func theFingerprintIsThatOfTheKeysEncoding() async throws {
    try await SoftwareTPM.with { tpm in
      let key = try TPMDevice(tpm.tcti).endorsementKey(.p256)
      try await tpm.tool("createek", "-G", "ecc", "-c", "ek.ctx", "-u", "ek.pem", "-f", "pem")
      try await Program.check(
        "/usr/bin/openssl",
        ["pkey", "-pubin", "-in", "\(tpm.folder)/ek.pem", "-outform", "DER", "-out", "\(tpm.folder)/ek.der"])
      let shown = try await Program.check("/usr/bin/sha256sum", ["\(tpm.folder)/ek.der"])
      #expect(shown.hasPrefix(Hex.encode(try key.fingerprint())))
    }
  }

  /// Who is on the list needs nobody's word, and whose maker is known need not be on it.
  @Test func eitherGroundIsEnough() async throws {
    try await SoftwareTPM.with(maker: true) { tpm in
      let key = try TPMDevice(tpm.tcti).endorsementKey()
      let (makers, print) = (try tpm.makers(), try key.fingerprint())
      let strangers = CertificateAuthorities([])
      #expect(try EndorsementTrust(authorities: strangers, list: [print])?.check(key, at: time) == .list)
      #expect(try EndorsementTrust(authorities: makers, list: [[0]])?.check(key, at: time) == .authority)
      #expect(refusal(EndorsementTrust(authorities: strangers, list: [[0]]), key, time) != nil)
      if EndorsementTrust(authorities: nil, list: nil) != nil { Issue.record("trust without grounds") }
    }
  }

  private func refusal(_ trust: EndorsementTrust?, _ key: EndorsementKey, _ time: Int64) -> EndorsementRefusal? {
    guard let trust else { return nil }
    do throws(EndorsementRefusal) {
      try trust.check(key, at: time)
      return nil
    } catch { return error }
  }
}

extension EndorsementTrust? {
  fileprivate static func authorities(_ authorities: CertificateAuthorities) -> EndorsementTrust? {
    EndorsementTrust(authorities: authorities, list: nil)
  }

  fileprivate static func list(_ list: Set<[UInt8]>) -> EndorsementTrust? {
    EndorsementTrust(authorities: nil, list: list)
  }
}

extension SoftwareTPM {
  /// The folder of an admin who trusts this TPM's maker.
  func makers() throws -> CertificateAuthorities {
    var all: [Certificate] = []
    for name in ["issuercert.pem", "swtpm-localca-rootca-cert.pem"] {
      all += try Certificate.all(in: try Program.read(authorities.appending(name)))
    }
    return CertificateAuthorities(all)
  }
}
