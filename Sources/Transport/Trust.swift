import NIOSSL
import Synchronization

/// Whom TLS trusts: the system's certificates, and those of one more file. Read once, when first needed. And what it
/// shows of this side, to origins alone: a proxy has no business with the device's identity.
final class Trust: Sendable {
  private struct Kind: Hashable {
    let namesChecked: Bool
    let isOrigin: Bool
  }

  private let caFile: String?
  private let identity: ClientIdentity?
  private let made = Mutex<[Kind: NIOSSLContext]>([:])

  init(caFile: String?, identity: ClientIdentity? = nil) {
    self.caFile = caFile
    self.identity = identity
  }

  /// `namesChecked` false: the caller holds the certificate against an address itself.
  func context(namesChecked: Bool, at step: DialStep) throws(DialError) -> NIOSSLContext {
    let kind = Kind(namesChecked: namesChecked, isOrigin: step == .tls)
    do {
      return try made.withLock { made in
        if let context = made[kind] { return context }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.applicationProtocols = ["http/1.1"]
        if !namesChecked { configuration.certificateVerification = .noHostnameVerification }
        if let caFile { configuration.additionalTrustRoots = [.file(caFile)] }
        if kind.isOrigin { try identity?.configure(&configuration) }
        let context = try NIOSSLContext(configuration: configuration)
        made[kind] = context
        return context
      }
    } catch let failure as ClientIdentity.Malformed {
      throw DialError(.identity, at: step, failure.reason)
    } catch {
      let file = caFile.map { "\($0): no CA certificates in PEM can be read from it" }
      throw DialError(.tls, at: step, file ?? "the system's CA certificates cannot be read: \(error)")
    }
  }
}
