import Testing

import TPMState

@testable import TPM

@Suite struct SignerMessagesTests {
  @Test(arguments: [
    SignerRequest.sign(digest: [UInt8](repeating: 9, count: 32)),
    .activate(MadeCredential(wrapped: [1, 2, 3], seed: [4])), .identity,
  ])
  func whatIsSentIsRead(request: SignerRequest) throws {
    #expect(try SignerRequest(encoded: request.encoded) == request)
    #expect(throws: TPMError(.malformed, "")) { try SignerRequest(encoded: request.encoded + [0]) }
    for count in 0..<request.encoded.count {
      #expect(throws: TPMError(.malformed, "")) { try SignerRequest(encoded: Array(request.encoded.prefix(count))) }
    }
  }

  /// There is no fourth thing that could be asked.
  @Test func everyOtherRequestIsRefused() {
    for kind in UInt8.min...UInt8.max where ![1, 2, 3].contains(kind) {
      #expect(throws: TPMError(.malformed, "")) {
        try SignerRequest(encoded: [kind] + [UInt8](repeating: 0, count: 32))
      }
    }
  }

  @Test func repliesToo() throws {
    let refusals = SignerReply.Refusal.allCases.map { SignerReply.refused($0, "no") }
    for reply in [SignerReply.done([1, 2]), .done([])] + refusals {
      #expect(try SignerReply(encoded: reply.encoded) == reply)
    }
    #expect(throws: TPMError(.malformed, "")) { try SignerReply(encoded: [4, 65]) }
    #expect(throws: TPMError(.malformed, "")) { try SignerReply(encoded: []) }
  }
}
