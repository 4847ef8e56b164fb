import Testing

import TPMState

@testable import TPM

/// Moved, cleared, or only not answering: told apart, and only the first two end an identity.
@Suite struct DeviceIdentityTests {
  @Test func aClearedTPMIsTheSameTPMWithoutTheKey() async throws {
    try await SoftwareTPM.with { tpm in
      let identity = try TPMDevice(tpm.tcti).makeIdentity()
      #expect(verdict(identity, tpm) == .same)
      try await tpm.tool("clear", "-c", "p")
      #expect(verdict(identity, tpm) == .cleared)
      let device = try TPMDevice(tpm.tcti)
      #expect(throws: TPMError(.keyRefused, "")) {
        try device.sign(digest: [UInt8](repeating: 1, count: 32), with: identity.key)
      }
      #expect(try device.loadedHandles() == [])
    }
  }

  @Test func anotherTPMIsAnotherDevice() async throws {
    try await SoftwareTPM.with { tpm in
      let identity = try TPMDevice(tpm.tcti).makeIdentity()
      try await SoftwareTPM.with { other in #expect(verdict(identity, other) == .moved) }
      // The seed of the endorsement keys is drawn anew: for all that can be seen, another TPM.
      try await tpm.tool("changeeps")
      #expect(verdict(identity, tpm) == .moved)
    }
  }

  /// What no check can find: the limit that the threat model states.
  @Test func aCopyOfAVirtualTPMIsTheSameTPM() async throws {
    try await SoftwareTPM.with { tpm in
      let identity = try TPMDevice(tpm.tcti).makeIdentity()
      try await tpm.cloned { copy in
        #expect(verdict(identity, copy) == .same)
        #expect(verdict(identity, tpm) == .same)
      }
    }
  }

  @Test func aTPMThatDoesNotAnswerSaysNothingOfTheDevice() async throws {
    try await SoftwareTPM.with { tpm in
      let identity = try TPMDevice(tpm.tcti).makeIdentity()
      tpm.stop()
      #expect(verdict(identity, tpm) == .unknown(TPMError(.noDevice, "")))
    }
  }

  @Test func aDamagedFileIsNoClearedTPM() async throws {
    try await SoftwareTPM.with { tpm in
      var identity = try TPMDevice(tpm.tcti).makeIdentity()
      var wrapped = identity.key.wrapped
      wrapped[wrapped.count / 2] ^= 1
      identity.key = DeviceKey(area: identity.key.area, wrapped: wrapped)
      #expect(verdict(identity, tpm) == .damaged)
      #expect(try TPMDevice(tpm.tcti).loadedHandles() == [])
    }
  }

  struct Row: Sendable {
    let sight: Result<DeviceIdentity.Sight, TPMError>
    let verdict: DeviceIdentity.Verdict
    let ends: Bool

    init(_ sight: Result<DeviceIdentity.Sight, TPMError>, _ verdict: DeviceIdentity.Verdict, ends: Bool = false) {
      self.sight = sight
      self.verdict = verdict
      self.ends = ends
    }
  }

  @Test(arguments: [
    Row(.success(.init(endorsement: [1], storageRoot: [2])), .same),
    Row(.success(.init(endorsement: [1], storageRoot: [9])), .cleared, ends: true),
    Row(.success(.init(endorsement: [9], storageRoot: [2])), .moved, ends: true),
    Row(.success(.init(endorsement: [9], storageRoot: [9])), .moved, ends: true),
    Row(.failure(TPMError(.keyRefused, "")), .damaged),
    Row(.failure(TPMError(.transient, "")), .unknown(TPMError(.transient, ""))),
    Row(.failure(TPMError(.failureMode, "")), .unknown(TPMError(.failureMode, ""))),
    Row(.failure(TPMError(.noDevice, "")), .unknown(TPMError(.noDevice, ""))),
  ])
  func theDecision(row: Row) {
    let area = PublicArea(attributes: [], policy: [], use: .ecdsaSHA256, key: .p256(x: [], y: []))
    let identity = DeviceIdentity(
      key: DeviceKey(area: area, wrapped: []), endorsementKind: .rsa2048, endorsement: [1], storageRoot: [2])
    #expect(identity.judge(row.sight) == row.verdict)
    #expect(row.verdict.endsIdentity == row.ends)
  }

  private func verdict(_ identity: DeviceIdentity, _ tpm: SoftwareTPM) -> DeviceIdentity.Verdict {
    identity.judge(
      Result { () throws(TPMError) in
        let device = try TPMDevice(tpm.tcti)
        return try device.sight(of: identity)
      })
  }
}
