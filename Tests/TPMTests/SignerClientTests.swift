import Cryptography
import Glibc
import SystemPackage
import TPMState
import Testing

@testable import TPM

/// The client of the signer against the signer itself, and against what is none.
@Suite(.enabled(if: SignerProcess.isPossible, "systemd is not installed"))
struct SignerClientTests {
  @Test func itSignsAnswersAndSaysWhoItIs() async throws {
    try await SignerProcess.with { signer in
      let identity = try await signer.client.identity()
      #expect(identity.area.isDeviceKey && identity.chain == [])
      let key = try identity.area.publicKey()
      let message = Array("signed by way of the signer".utf8)
      let signature = try await signer.client.sign(digest: try Digest.of(message, .sha256))
      #expect(key.verify(signature: signature, message: message))
      let endorsement = try TPMDevice(signer.tpm.tcti).endorsementKey(.rsa2048).publicKey
      let credential = try MadeCredential(
        secret: [1, 2, 3], name: try identity.area.name(), endorsement: endorsement)
      #expect(try await signer.client.activate(credential) == [1, 2, 3])
      var damaged = credential
      damaged.wrapped[3] ^= 1
      await #expect(throws: SignerError(.refused, "")) { try await signer.client.activate(damaged) }
    }
  }

  /// As many at once as the unit lets in; the TPM itself is one client's at a time.
  @Test func manyAskAtOnce() async throws {
    try await SignerProcess.with { signer in
      let key = try await signer.client.identity().area.publicKey()
      let client = signer.client
      try await withThrowingTaskGroup(of: Bool.self) { group in
        for number in 0..<8 {
          group.addTask {
            let message = [UInt8(number)]
            return key.verify(
              signature: try await client.sign(digest: try Digest.of(message, .sha256)), message: message)
          }
        }
        for try await isValid in group { #expect(isValid) }
      }
    }
  }

  @Test(.enabled(if: geteuid() == 0, "needs root: the signer is for another user"))
  func anothersSignerSaysWhoseItIsNot() async throws {
    try await SignerProcess.with(user: 64_801) { signer in
      await #expect(throws: SignerError(.forbidden, "")) { try await signer.client.sign(digest: Self.digest) }
      await #expect(throws: SignerError(.forbidden, "")) { try await signer.client.identity() }
    }
  }

  @Test func aSignerThatDiesOrHangsIsToldApart() async throws {
    try await SignerProcess.with { signer in
      try await signer.whileTheTPMHangs {
        let hasty = SignerClient(signer.client.socket, patience: .milliseconds(300))
        await #expect(throws: SignerError(.overdue, "")) { try await hasty.sign(digest: Self.digest) }
        for pid in signer.signers { kill(pid, SIGKILL) }
        #expect(await eventually { signer.signers.isEmpty })
        let answer = Task { try await signer.client.sign(digest: Self.digest) }
        #expect(await eventually { !signer.signers.isEmpty })
        for pid in signer.signers { kill(pid, SIGKILL) }
        await #expect(throws: SignerError(.interrupted, "")) { try await answer.value }
      }
      // What was asked of the TPM by who has died is done with when the next one asks.
      #expect(try await signer.client.sign(digest: Self.digest).count > 60)
    }
  }

  @Test func nobodyListens() async throws {
    await #expect(throws: SignerError(.unavailable, "")) {
      try await SignerClient("/nonexistent/tpm.sock").sign(digest: Self.digest)
    }
  }

  /// A program in the signer's place that answers what none would, and stays.
  @Test(arguments: [
    ("0000", SignerError.Code.malformed), ("000107", .malformed), ("00030001", .interrupted), ("", .overdue),
  ])
  func nonsenseIsNoAnswer(hex: String, code: SignerError.Code) async throws {
    try await Scratch.with { folder in
      let script = """
        import os, socket, sys, time
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(sys.argv[1] + ".new")
        listener.listen()
        os.rename(sys.argv[1] + ".new", sys.argv[1])
        connection, _ = listener.accept()
        connection.recv(4096)
        connection.sendall(bytes.fromhex(sys.argv[2]))
        if sys.argv[3] == "stay": time.sleep(60)
        """
      let path = folder.appending("tpm.sock")
      let stay = code == .overdue ? "stay" : "go"
      let pid = try start("/usr/bin/python3", ["-c", script, path.string, hex, stay], output: "/dev/null")
      defer { end(pid) }
      #expect(await eventually { access(path.string, F_OK) == 0 })
      let client = SignerClient(path, patience: .seconds(1))
      await #expect(throws: SignerError(code, "")) { try await client.identity() }
    }
  }

  private static let digest = [UInt8](repeating: 5, count: 32)
}
