import Glibc
import SystemPackage
import Testing

import TPMState

@testable import TPM

/// What a look at a TPM finds, with TPMs that have something the matter with them.
@Suite struct TPMFactsTests {
  @Test func aSoundTPMSaysWhatItIs() async throws {
    try await SoftwareTPM.with { tpm in
      let properties = try TPMFacts.gather(tpm.tcti).outcome.get()
      #expect(properties.family == "2.0")
      #expect(properties.manufacturer == "IBM")
      #expect(properties.lockoutMaximum > 0)
      #expect(try TPMDevice(tpm.tcti).loadedHandles() == [])
    }
  }

  @Test func aStoppedTPMIsNotFound() async throws {
    try await SoftwareTPM.with { tpm in
      tpm.stop()
      #expect(fault(tpm.tcti)?.code == .noDevice)
    }
  }

  @Test(arguments: ["device:/dev/no-such-tpm", "swtpm:path=/nonexistent/socket"])
  func whereNothingIsThereIsNone(place: String) throws {
    let tcti = try #require(TCTI(place))
    let error = try #require(fault(tcti))
    #expect(error.code == .noDevice)
    #expect(!error.isTransient)
  }

  @Test func wrongPasswordsLockItAndItSaysForHowLong() async throws {
    try await SoftwareTPM.with { tpm in
      try await tpm.tool("dictionarylockout", "-s", "-n", "2", "-t", "1234", "-l", "60")
      try await tpm.tool("createprimary", "-G", "ecc", "-p", "right", "-c", "key.ctx")
      try await tpm.tool("flushcontext", "-t")
      for _ in 0..<2 {
        await #expect(throws: Program.Failed.self) {
          try await tpm.tool("create", "-C", "key.ctx", "-P", "wrong", "-u", "a", "-r", "b")
        }
        try await tpm.tool("flushcontext", "-t")
      }
      let error = try #require(fault(tpm.tcti))
      #expect(error.code == .lockout(counter: 2, recoverySeconds: 1234))
      #expect(error.remedy.contains("1234 s"))
      // Ours have no password to try, so the lockout stops neither them nor what proves them.
      let device = try TPMDevice(tpm.tcti)
      let key = try device.makeDeviceKey()
      _ = try device.sign(digest: [UInt8](repeating: 1, count: 32), with: key)
      try await tpm.unlocked()
    }
  }

  /// Its storage is gone, so that it cannot write what it must: it finds that out, and is broken from then on.
  @Test func aBrokenTPMSaysSo() async throws {
    try await SoftwareTPM.with { tpm in
      try #require(rename(tpm.state.string, "\(tpm.state).gone") == 0)
      await #expect(throws: Program.Failed.self) { try await tpm.tool("dictionarylockout", "-s", "-n", "9") }
      #expect(fault(tpm.tcti)?.code == .failureMode)
    }
  }

  @Test(arguments: ["owner", "endorsement"]) func anOwnersPasswordIsNamed(hierarchy: String) async throws {
    try await SoftwareTPM.with { tpm in
      try await tpm.tool("changeauth", "-c", hierarchy, "secret")
      #expect(fault(tpm.tcti)?.code == .ownerPassword)
    }
  }

  @Test func aHierarchyTurnedOffByTheFirmwareIsNamed() async throws {
    try await SoftwareTPM.with { tpm in
      try await tpm.tool("hierarchycontrol", "-C", "p", "shEnable", "clear")
      let error = try #require(fault(tpm.tcti))
      #expect(error.code == .unusable)
      #expect(error.detail.contains("storage"))
    }
  }

  /// A program in the TPM's place that answers every command alike, as a broken TPM does.
  @Test(arguments: [
    (UInt32(0x101), TPMError.Code.failureMode), (0x01E, .notTPM2), (0x922, .transient), (0x100, .unusable),
  ])
  func everyAnswerOfABrokenTPMHasItsOwnReason(answer: UInt32, code: TPMError.Code) async throws {
    try await Scratch.with { folder in
      let error = try #require(fault(try tpm(in: folder, answering: answer)))
      #expect(error.code == code)
    }
  }

  private func tpm(in folder: FilePath, answering code: UInt32, _ parameters: [UInt8] = []) throws -> TCTI {
    var response = WireWriter()
    response.write(UInt16(0x8001))
    response.write(UInt32(10 + parameters.count))
    response.write(code)
    let octal = (response.bytes + parameters).map { "\\0\(String($0, radix: 8))" }.joined()
    let script = """
      #!/bin/bash
      # A command begins with a tag of 2 bytes and its whole length in 4.
      while head=$(head -c 6 | od -An -tu1) && [ -n "$head" ]; do
        set -- $head
        head -c $((($3 << 24 | $4 << 16 | $5 << 8 | $6) - 6)) >/dev/null
        printf '%b' '\(octal)'
      done
      """
    try Program.write(folder.appending("tpm"), Array(script.utf8))
    return try #require(TCTI(anyName: "cmd:\(folder)/tpm"))
  }

  @Test(arguments: [
    "", ":", "device", "device:", ":/dev/tpmrm0", "cmd:touch x", "pcap:device:/dev/tpm0", "none:x",
    "Device:/dev/tpmrm0", "dev ice:x", "device:\n",
  ])
  func aPlaceIsNeverLeftToBeGuessed(text: String) { #expect(TCTI(text) == nil) }

  @Test func lookingForCertificatesTriesNoPasswordThatCounts() async throws {
    try await SoftwareTPM.with { tpm in
      try await tpm.tool("nvdefine", "0x01C00100", "-s", "8", "-p", "secret", "-a", "authread|authwrite")
      try tpm.write("eight", Array("12345678".utf8))
      try await tpm.tool("nvwrite", "0x01C00100", "-P", "secret", "-i", "eight")
      // One that may be tried, for it does not count, and refuses; and one that nobody has a password for.
      try await tpm.tool("nvdefine", "0x01C00101", "-s", "8", "-p", "secret", "-a", "authread|authwrite|no_da")
      try await tpm.tool("nvwrite", "0x01C00101", "-P", "secret", "-i", "eight")
      try await tpm.tool("nvdefine", "0x01C00102", "-s", "8", "-a", "ownerread|ownerwrite")
      try await tpm.tool("nvwrite", "0x01C00102", "-C", "o", "-i", "eight")
      for _ in 0..<4 {
        let stored = try TPMDevice(tpm.tcti).storedCertificates()
        #expect(stored == StoredCertificates(found: [Array("12345678".utf8)], unread: [0x01C0_0100, 0x01C0_0101]))
        #expect(try TPMDevice(tpm.tcti).endorsementKey().unread == stored.unread)
      }
      #expect(try TPMFacts.gather(tpm.tcti).outcome.get().lockoutCounter == 0)
    }
  }

  /// It would be asked for ever.
  @Test(.timeLimit(.minutes(1))) func aTPMWhoseHandlesDoNotEndIsNotBelieved() async throws {
    try await Scratch.with { folder in
      // No error, more to come, capability "handles", one of them: always the same.
      let tcti = try tpm(in: folder, answering: 0, [1, 0, 0, 0, 1, 0, 0, 0, 1, 0x01, 0xC0, 0, 0x02])
      #expect(throws: TPMError(.malformed, "")) { _ = try TPMDevice(tcti).handles(from: 0x01C0_0000) }
    }
  }

  @Test func aFileThatIsNoDeviceIsNeverWrittenTo() async throws {
    try await Scratch.with { folder in
      let file = folder.appending("victim")
      try Program.write(file, Array("root:x:0:0".utf8))
      let tcti = try #require(TCTI("device:\(file)"))
      let error = try #require(fault(tcti))
      #expect(error.code == .notADevice)
      #expect(try Program.read(file) == Array("root:x:0:0".utf8))
    }
  }

  @Test func theStandardPlaceIsTheKernels() { #expect(TCTI.standard.description == "device:/dev/tpmrm0") }

  private func fault(_ tcti: TCTI) -> TPMError? {
    if case .failure(let error) = TPMFacts.gather(tcti).outcome { error } else { nil }
  }
}

extension SoftwareTPM {
  /// What the remedy of a lockout says, tried.
  fileprivate func unlocked() async throws {
    try await tool("dictionarylockout", "-c")
    #expect(try TPMFacts.gather(tcti).outcome.get().lockoutCounter == 0)
  }
}
