import Cryptography
import Glibc
import SystemPackage
import TPMState
import Testing
import Transport

@testable import TPM

/// TLS with the device's key in its TPM, by way of the signer; the other side is openssl(1), which believes nobody without
/// a certificate of its CA.
@Suite(.enabled(if: SignerProcess.isPossible, "systemd is not installed"))
struct HandshakeTests {
  @Test(arguments: ["1_2", "1_3"])
  func theServerKnowsTheDeviceByItsKey(version: String) async throws {
    try await SignerProcess.with { signer in
      try await OpenSSLServer.with(signer, version: version) { server in
        let page = try await server.page(identity: try await signer.presented)
        #expect(page.contains("Client certificate"))
        #expect(page.contains("Subject: CN=device of the test") || page.contains("Subject: CN = device of the test"))
        #expect(page.contains("Protocol  : TLSv\(version == "1_2" ? "1.2" : "1.3")"))
        #expect(page.contains("Verify return code: 0 (ok)"))
      }
    }
  }

  /// What the test above rests on: the server lets nobody else in.
  @Test(arguments: ["1_2", "1_3"])
  func withoutTheKeyTheServerSaysNo(version: String) async throws {
    try await SignerProcess.with { signer in
      try await OpenSSLServer.with(signer, version: version) { server in
        await #expect(throws: TransportError.self) { try await server.page(identity: nil) }
        // The device's certificate, and a signature by another key of the same TPM.
        let chain = try await signer.client.identity().chain
        let (tcti, other) = (signer.tpm.tcti, try TPMDevice(signer.tpm.tcti).makeDeviceKey())
        let stolen = ClientIdentity(chain: chain) { try TPMDevice(tcti).sign(digest: $0, with: other) }
        await #expect(throws: TransportError.self) { try await server.page(identity: stolen) }
      }
    }
  }

  @Test(arguments: ["1_2", "1_3"])
  func aKeyThatCannotBeUsedIsNamedAsTheReason(version: String) async throws {
    try await SignerProcess.with { signer in
      try await OpenSSLServer.with(signer, version: version) { server in
        let identity = try await signer.presented
        // Somebody sets an owner's password.
        try await signer.tpm.tool("changeauth", "-c", "owner", "secret")
        let locked = await server.failure(identity)
        #expect(locked?.code == .unreachable(.identity))
        #expect(locked?.description.contains("an owner's password is set in the TPM") == true)
        try await signer.tpm.tool("changeauth", "-c", "owner", "-p", "secret", "")
        _ = try await server.page(identity: identity)
        // The signer dies while it has the question.
        let died = try await signer.whileTheTPMHangs {
          async let failure = server.failure(identity)
          #expect(await eventually { !signer.signers.isEmpty })
          for pid in signer.signers { kill(pid, SIGKILL) }
          return await failure
        }
        #expect(died?.code == .unreachable(.identity))
        #expect(died?.description.contains("the TPM's signer ended before it had answered") == true)
        _ = try await server.page(identity: identity)
        // The TPM goes.
        signer.tpm.stop()
        let gone = await server.failure(identity)
        #expect(gone?.code == .unreachable(.identity))
        #expect(gone?.description.contains("no TPM was found") == true)
      }
    }
  }
}

extension SignerProcess {
  /// What TLS shows of this device.
  var presented: ClientIdentity {
    get async throws {
      let client = client
      return ClientIdentity(chain: try await client.identity().chain) { try await client.sign(digest: $0) }
    }
  }
}
