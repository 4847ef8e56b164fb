import Cryptography
import NIOCore
import NIOSSL

/// What this side shows of itself to servers that ask for it: certificates, and a private key that is somewhere else, such
/// as in a TPM.
public final class ClientIdentity: Sendable {
  /// In DER: the key's own first, each next one that of its issuer.
  public let chain: [[UInt8]]
  let sign: @Sendable ([UInt8]) async throws -> [UInt8]

  /// - Parameter sign: gives the signature of the ECDSA P-256 key over a SHA-256 digest of 32 bytes, in DER (RFC 3279,
  ///   2.2.3). What it throws is what is said of the connection that fails.
  public init(chain: [[UInt8]], sign: @escaping @Sendable (_ digest: [UInt8]) async throws -> [UInt8]) {
    self.chain = chain
    self.sign = sign
  }

  struct Malformed: Error {
    let reason: String
  }

  func configure(_ configuration: inout TLSConfiguration) throws(Malformed) {
    do {
      configuration.certificateChain = try chain.map { .certificate(try NIOSSLCertificate(bytes: $0, format: .der)) }
    } catch { throw Malformed(reason: "its certificates cannot be read: \(error)") }
    configuration.privateKey = .privateKey(NIOSSLPrivateKey(customPrivateKey: DistantKey(identity: self)))
  }
}

/// The signature could not be had; `cause` says why. It goes through the pipeline, for TLS itself keeps no reasons.
struct DistantKeyFailure: Error {
  let cause: any Error
}

/// A private key for TLS, 1.2 and 1.3 alike, that is asked for signatures alone.
private struct DistantKey: NIOSSLCustomPrivateKey, Hashable {
  let identity: ClientIdentity

  var signatureAlgorithms: [SignatureAlgorithm] { [.ecdsaSecp256R1Sha256] }

  static func == (one: DistantKey, other: DistantKey) -> Bool { one.identity === other.identity }
  func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(identity)) }

  func sign(channel: any Channel, algorithm: SignatureAlgorithm, data: ByteBuffer) -> EventLoopFuture<ByteBuffer> {
    let signature = channel.eventLoop.makePromise(of: ByteBuffer.self)
    let message = Array(data.readableBytesView)
    signature.completeWithTask { [identity] in
      do {
        return ByteBuffer(bytes: try await identity.sign(try Digest.of(message, .sha256)))
      } catch {
        let failure = DistantKeyFailure(cause: error)
        channel.pipeline.fireErrorCaught(failure)
        throw failure
      }
    }
    return signature.futureResult
  }

  func decrypt(channel: any Channel, data: ByteBuffer) -> EventLoopFuture<ByteBuffer> {
    channel.eventLoop.makeFailedFuture(DistantKeyFailure(cause: ClientIdentity.Malformed(reason: "it only signs")))
  }
}
