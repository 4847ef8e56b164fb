import Cryptography
import Testing

import TPMState

@testable import TPM

@Suite struct PublicAreaTests {
  @Test(arguments: [PublicArea.endorsementRSA, .endorsementECC, .storageRoot, .signing])
  func whatIsWrittenIsRead(area: PublicArea) throws {
    #expect(try PublicArea(encoded: area.encoded) == area)
    for count in 0..<area.encoded.count {
      #expect(throws: TPMError(.malformed, "")) { try PublicArea(encoded: Array(area.encoded.prefix(count))) }
    }
    #expect(throws: TPMError(.malformed, "")) { try PublicArea(encoded: area.encoded + [0]) }
  }

  /// Numbers of the profile's templates (B.3.3, B.3.4), written out once more.
  @Test func theTemplatesAreTheProfiles() {
    #expect(Hex.encode(PublicArea.endorsementRSA.encoded.prefix(8)) == "0001000b000300b2")
    #expect(Hex.encode(PublicArea.endorsementECC.encoded.prefix(8)) == "0023000b000300b2")
    #expect(Hex.encode(PublicArea.signing.encoded.prefix(8)) == "0023000b00040472")
  }

  @Test func aKeyThatMayLeaveIsNoDeviceKey() {
    var area = PublicArea.signing
    #expect(area.isDeviceKey)
    for attribute in [PublicArea.Attributes.fixedTPM, .fixedParent, .sensitiveDataOrigin, .sign] {
      area = .signing
      area.attributes.remove(attribute)
      #expect(!area.isDeviceKey)
    }
    area = .signing
    area.attributes.insert(.decrypt)
    #expect(!area.isDeviceKey)
  }

  @Test func aPointBesideTheCurveIsNoKey() {
    var area = PublicArea.signing
    area.key = .p256(x: [1], y: [1])
    #expect(throws: TPMError(.malformed, "")) { try area.publicKey() }
  }
}
