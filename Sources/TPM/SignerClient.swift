import Dispatch
import SystemPackage

/// Asks the process that has the TPM, over its socket. Each question has a connection of its own, so that a signer that
/// ends takes one answer with it and no more.
public struct SignerClient: Sendable {
  public let socket: FilePath
  /// For a question and its answer together. Some TPMs take several seconds to make an RSA endorsement key anew, which
  /// `activate` needs.
  public let patience: Duration

  public init(_ socket: FilePath, patience: Duration = .seconds(30)) {
    self.socket = socket
    self.patience = patience
  }

  /// The ECDSA signature of the device's key over a digest of 32 bytes, in DER (RFC 3279, 2.2.3).
  public func sign(digest: [UInt8]) async throws(SignerError) -> [UInt8] { try await ask(.sign(digest: digest)) }

  /// What the credential holds.
  public func activate(_ credential: MadeCredential) async throws(SignerError) -> [UInt8] {
    try await ask(.activate(credential))
  }

  /// The public half of the device's key, and its certificates.
  public func identity() async throws(SignerError) -> PublicIdentity {
    let bytes = try await ask(.identity)
    do { return try PublicIdentity(encoded: bytes) } catch { throw SignerError(.malformed, error.detail) }
  }

  /// Waits on a thread of its own, which may block.
  private func ask(_ request: SignerRequest) async throws(SignerError) -> [UInt8] {
    let answer: Result<[UInt8], SignerError> = await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        continuation.resume(returning: Result { () throws(SignerError) in try exchange(request) })
      }
    }
    return try answer.get()
  }

  private func exchange(_ request: SignerRequest) throws(SignerError) -> [UInt8] {
    let connection = try SignerConnection(socket, patience: patience)
    try connection.send(request.encoded)
    let bytes = try connection.receive()
    let reply: SignerReply
    do { reply = try SignerReply(encoded: bytes) } catch { throw SignerError(.malformed, error.detail) }
    switch reply {
    case .done(let bytes): return bytes
    case .refused(let kind, let reason): throw SignerError(kind.code, reason)
    }
  }
}

extension SignerReply.Refusal {
  fileprivate var code: SignerError.Code {
    switch self {
    case .forGood: .refused
    case .forNow: .busy
    case .user: .forbidden
    }
  }
}
