import Cryptography
import Testing

import TPMState

@testable import TPM

/// Keys in a TPM, with openssl(1) and tpm2-tools(1) as the other side.
@Suite struct DeviceKeyTests {
  @Test func aSignatureIsVerifiedByOpenSSL() async throws {
    try await SoftwareTPM.with { tpm in
      let device = try TPMDevice(tpm.tcti)
      let before = try device.loadedHandles()
      let key = try device.makeDeviceKey()
      let message = Array("what is signed".utf8)
      try tpm.write("message", message)
      try tpm.write("signature", try device.sign(digest: Digest.of(message, .sha256), with: key))
      try tpm.write("public.pem", Array(try key.area.publicKey().pem.utf8))
      #expect(try device.loadedHandles() == before)
      let arguments = ["dgst", "-sha256", "-verify", "\(tpm.folder)/public.pem", "-signature"]
      try await Program.check(
        "/usr/bin/openssl", arguments + ["\(tpm.folder)/signature", "\(tpm.folder)/message"])
      try tpm.write("message", message + [0])
      await #expect(throws: Program.Failed.self) {
        try await Program.check(
          "/usr/bin/openssl", arguments + ["\(tpm.folder)/signature", "\(tpm.folder)/message"])
      }
    }
  }

  @Test func theKeyCannotLeaveAndItsNameIsTheTPMsOwn() async throws {
    try await SoftwareTPM.with { tpm in
      let key = try makeKey(tpm)
      #expect(key.area.isDeviceKey)
      try tpm.write("key.pub", sized(key.area.encoded))
      try tpm.write("key.priv", sized(key.wrapped))
      try await tpm.loadStorageRoot()
      try await tpm.tool("load", "-C", "root.ctx", "-u", "key.pub", "-r", "key.priv", "-c", "key.ctx", "-n", "key.name")
      #expect(try tpm.read("key.name") == key.area.name())
      let shown = try await tpm.tool("readpublic", "-c", "key.ctx")
      #expect(shown.contains("value: fixedtpm|fixedparent|sensitivedataorigin|userwithauth|noda|sign\n"))
    }
  }

  @Test(arguments: EndorsementKey.Kind.allCases)
  func whatTPM2ToolsMakeIsActivated(kind: EndorsementKey.Kind) async throws {
    try await SoftwareTPM.with { tpm in
      let secret = Array("thirty-two bytes or fewer".utf8)
      let (before, key, endorsement) = try look(tpm, kind)
      try tpm.write("ek.pem", Array(endorsement.publicKey.pem.utf8))
      try tpm.write("secret", secret)
      try await Program.check(
        "/usr/bin/env",
        [
          "--chdir=\(tpm.folder)", "tpm2_makecredential", "-T", "none", "-G", kind == .rsa2048 ? "rsa" : "ecc", "-u",
          "ek.pem", "-s", "secret", "-n", Hex.encode(try key.area.name()), "-o", "credential",
        ])
      let device = try TPMDevice(tpm.tcti)
      let credential = try #require(MadeCredential(toolFile: try tpm.read("credential")))
      #expect(try device.activate(credential, for: key, by: kind) == secret)
      #expect(try device.loadedHandles() == before)
    }
  }

  @Test(arguments: EndorsementKey.Kind.allCases)
  func whatWeMakeIsActivatedByTPM2Tools(kind: EndorsementKey.Kind) async throws {
    try await SoftwareTPM.with { tpm in
      let secret = Array("for one device alone".utf8)
      let (_, key, endorsement) = try look(tpm, kind)
      let credential = try MadeCredential(
        secret: secret, name: try key.area.name(), endorsement: endorsement.publicKey)
      try tpm.write("credential", credential.toolFile)
      try tpm.write("key.pub", sized(key.area.encoded))
      try tpm.write("key.priv", sized(key.wrapped))
      try await tpm.loadStorageRoot()
      try await tpm.tool("load", "-C", "root.ctx", "-u", "key.pub", "-r", "key.priv", "-c", "key.ctx")
      try await tpm.tool("createek", "-G", kind == .rsa2048 ? "rsa" : "ecc", "-c", "ek.ctx")
      try await tpm.tool("flushcontext", "-t")
      try await tpm.tool("startauthsession", "--policy-session", "-S", "session.ctx")
      try await tpm.tool("policysecret", "-S", "session.ctx", "-c", "e")
      try await tpm.tool(
        "activatecredential", "-c", "key.ctx", "-C", "ek.ctx", "-i", "credential", "-o", "activated", "-P",
        "session:session.ctx")
      #expect(try tpm.read("activated") == secret)
    }
  }

  @Test func aCredentialForAnotherKeyIsRefusedAndNothingIsLeftBehind() async throws {
    try await SoftwareTPM.with { tpm in
      let device = try TPMDevice(tpm.tcti)
      let before = try device.loadedHandles()
      let (one, other) = (try device.makeDeviceKey(), try device.makeDeviceKey())
      let endorsement = try device.endorsementKey(.rsa2048).publicKey
      let credential = try MadeCredential(secret: [1, 2, 3], name: try one.area.name(), endorsement: endorsement)
      #expect(throws: TPMError(.wrongRecipient, "")) { try device.activate(credential, for: other, by: .rsa2048) }
      var damaged = credential
      damaged.wrapped[3] ^= 1
      #expect(throws: TPMError(.wrongRecipient, "")) { try device.activate(damaged, for: one, by: .rsa2048) }
      damaged = credential
      damaged.seed.removeLast()
      #expect(throws: TPMError(.wrongRecipient, "")) { try device.activate(damaged, for: one, by: .rsa2048) }
      #expect(try device.loadedHandles() == before)
      #expect(try device.activate(credential, for: one, by: .rsa2048) == [1, 2, 3])
    }
  }

  @Test func aHundredSignaturesTakeNoSlot() async throws {
    try await SoftwareTPM.with { tpm in
      let key = try makeKey(tpm)
      let device = try TPMDevice(tpm.tcti)
      let digest = [UInt8](repeating: 7, count: 32)
      for _ in 0..<100 { _ = try device.sign(digest: digest, with: key) }
      #expect(try device.loadedHandles() == [])
      #expect(throws: TPMError(.malformed, "")) { try device.sign(digest: [1], with: key) }
    }
  }

  /// A device that leaves things in the TPM's slots is told that the TPM is busy, not that something is broken.
  @Test func fullSlotsAreTransient() async throws {
    try await SoftwareTPM.with { tpm in
      for number in 0..<3 { try await tpm.tool("createprimary", "-G", "ecc", "-c", "\(number).ctx") }
      let device = try TPMDevice(tpm.tcti)
      #expect(try device.loadedHandles().count == 3)
      #expect(throws: TPMError(.transient, "")) { try device.makeDeviceKey() }
    }
  }

  private func makeKey(_ tpm: SoftwareTPM) throws -> DeviceKey { try TPMDevice(tpm.tcti).makeDeviceKey() }

  private func look(
    _ tpm: SoftwareTPM, _ kind: EndorsementKey.Kind
  ) throws -> (handles: [UInt32], key: DeviceKey, endorsement: EndorsementKey) {
    let device = try TPMDevice(tpm.tcti)
    return (try device.loadedHandles(), try device.makeDeviceKey(), try device.endorsementKey(kind))
  }
}

func sized(_ bytes: [UInt8]) -> [UInt8] {
  var writer = WireWriter()
  writer.writeSized(bytes)
  return writer.bytes
}

extension MadeCredential {
  /// tpm2-tools put a magic number and a version before the two sized structures.
  private static let head: [UInt8] = [0xBA, 0xDC, 0xC0, 0xDE, 0, 0, 0, 1]

  var toolFile: [UInt8] { Self.head + sized(wrapped) + sized(seed) }

  init?(toolFile: [UInt8]) {
    var reader = WireReader(toolFile)
    guard (try? reader.take(8)) == Self.head, let wrapped = try? reader.readSized(), let seed = try? reader.readSized()
    else { return nil }
    self.init(wrapped: wrapped, seed: seed)
  }
}

extension SoftwareTPM {
  /// The same storage root key as ours, made by tpm2-tools from its template.
  func loadStorageRoot() async throws {
    // Two coordinates of 32 zeros, each in the largest buffer that there is for one, after its size in this machine's order.
    let coordinate = [32, 0] + [UInt8](repeating: 0, count: 128)
    try write("unique", coordinate + coordinate)
    try await tool(
      "createprimary", "-C", "o", "-G", "ecc256:aes128cfb", "-g", "sha256", "-u", "unique", "-c", "root.ctx", "-a",
      "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|noda|restricted|decrypt")
    try await tool("flushcontext", "-t")
  }
}
