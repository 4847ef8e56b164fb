import NIOSSL
import Synchronization

/// Whom TLS trusts: the system's certificates, and those of one more file. Read once, when first needed.
final class Trust: Sendable {
  private let caFile: String?
  private let made = Mutex<[Bool: NIOSSLContext]>([:])

  init(caFile: String?) { self.caFile = caFile }

  /// `namesChecked` false: the caller holds the certificate against an address itself.
  func context(namesChecked: Bool, at step: DialStep) throws(DialError) -> NIOSSLContext {
    do {
      return try made.withLock { made in
        if let context = made[namesChecked] { return context }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.applicationProtocols = ["http/1.1"]
        if !namesChecked { configuration.certificateVerification = .noHostnameVerification }
        if let caFile { configuration.additionalTrustRoots = [.file(caFile)] }
        let context = try NIOSSLContext(configuration: configuration)
        made[namesChecked] = context
        return context
      }
    } catch {
      let file = caFile.map { "\($0): no CA certificates in PEM can be read from it" }
      throw DialError(.tls, at: step, file ?? "the system's CA certificates cannot be read: \(error)")
    }
  }
}
