import Cryptography
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

extension Dialer {
  /// The certificates that are presented at `step`, the server's own first, on a connection of its own: nothing of them
  /// is believed, and nothing follows them. Empty where it does not come to that.
  func chain(for passage: Passage, at step: DialStep, patience: Duration) async -> [PresentedCertificate] {
    let witness = ChainWitness(at: step)
    let (host, port) = passage.hop
    let channel = try? await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connectTimeout(TimeAmount(patience)).connect(host: host, port: port).get()
    guard let channel else { return [] }
    defer { channel.close(promise: nil) }
    // It ends with an error, for what is looked at is refused.
    try? await prepare(channel, for: passage, patience: patience, trying: "/", witness: witness)
    return witness.seen
  }
}

/// Sees all certificates of one handshake and lets none of them pass. (With its own verification NIO shows the first
/// one only.)
final class ChainWitness: Sendable {
  let step: DialStep
  private let certificates = Mutex<[PresentedCertificate]>([])

  init(at step: DialStep) { self.step = step }

  var seen: [PresentedCertificate] { certificates.withLock { $0 } }

  func look(_ presented: [NIOSSLCertificate], _ verdict: EventLoopPromise<NIOSSLVerificationResult>) {
    let read = presented.compactMap { (try? $0.toDERBytes()).flatMap { PresentedCertificate(der: $0) } }
    certificates.withLock { $0 = read }
    verdict.succeed(.failed)
  }
}
