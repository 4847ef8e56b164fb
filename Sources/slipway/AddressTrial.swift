import Cryptography
import Glibc
import NIOCore
import NIOPosix
import NIOSSL
import Prerequisites
import Transport

/// Goes to one address step by step, by the way that fetch would take, and says at which step it was stopped.
struct AddressTrial: Sendable {
  /// Seconds for one step.
  static let patience: Int64 = 5

  struct Stop: Error {
    let obstacle: EndpointReport.Obstacle
    var detail = ""
    var signer: String?
  }

  let address: NetworkJob.Address
  let proxy: NetworkJob.Server?

  /// - Parameter path: what the server is asked for then, for the sake of the Date of its answer; nil: nothing.
  /// - Returns: the outcome, and the server's clock in seconds since 1970.
  func run(asking path: String?) async -> (report: EndpointReport, date: Int64?) {
    var report = EndpointReport(
      host: address.host, port: address.port, isRepository: address.isRepository,
      way: proxy.map { "PROXY \($0.host):\($0.port)" } ?? "DIRECT")
    do throws(Stop) {
      let heard = try await withChannel(verifying: true) { (await signer($0), await date($0, path)) }
      report.signer = heard.0
      return (report, heard.1)
    } catch {
      (report.obstacle, report.detail, report.signer) = (error.obstacle, error.detail, error.signer)
      guard path != nil, [.certificate, .inspected].contains(error.obstacle) else { return (report, nil) }
    }
    // The clock may be why: it is compared all the same, and nothing else is made of the answer.
    let heard = try? await withChannel(verifying: false) { await date($0, path) }
    return (report, heard ?? nil)
  }

  /// Through connection, proxy and TLS.
  private func withChannel<Result: Sendable>(
    verifying: Bool, _ body: @Sendable (any Channel) async -> Result
  ) async throws(Stop) -> Result {
    let channel = try await connect()
    let result: Swift.Result<Result, Stop>
    do throws(Stop) {
      if proxy != nil, address.isSecure { try await tunnel(channel) }
      if address.isSecure { try await secure(channel, verifying: verifying) }
      if proxy != nil, !address.isSecure { try await forward(channel) }
      result = .success(await body(channel))
    } catch { result = .failure(error) }
    try? await channel.close()
    return try result.get()
  }

  private func connect() async throws(Stop) -> any Channel {
    do {
      return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .connectTimeout(.seconds(Self.patience))
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(Listener(channel.eventLoop))
          }
        }
        .connect(host: proxy?.host ?? address.host, port: proxy?.port ?? address.port).get()
    } catch {
      let stop = Self.stop(connecting: error)
      guard let proxy else { throw stop }
      throw Stop(
        obstacle: .proxyUnreachable,
        detail: stop.obstacle == .dns ? "the name '\(proxy.host)' does not resolve" : stop.obstacle.rawValue)
    }
  }

  private static func stop(connecting error: any Error) -> Stop {
    var first = error
    if let attempts = error as? NIOConnectionError {
      guard let attempt = attempts.connectionErrors.first else { return Stop(obstacle: .dns) }
      first = attempt.error
    }
    switch first {
    case ChannelError.connectTimeout: return Stop(obstacle: .timedOut)
    case let error as IOError where error.errnoCode == ECONNREFUSED: return Stop(obstacle: .refused)
    case let error as IOError where error.errnoCode == ETIMEDOUT: return Stop(obstacle: .timedOut)
    case let error as IOError:
      return Stop(obstacle: .unreachable, detail: String(cString: strerror(error.errnoCode)))
    default: return Stop(obstacle: .unreachable, detail: "\(first)")
    }
  }

  private func tunnel(_ channel: any Channel) async throws(Stop) {
    let name = address.host.contains(":") ? "[\(address.host)]" : address.host
    let status = try await ask(channel, "CONNECT \(name):\(address.port)").status
    guard (200..<300).contains(status) else { throw Self.refusal(status) }
  }

  private func forward(_ channel: any Channel) async throws(Stop) {
    let status = try await ask(channel, "HEAD http://\(address.host):\(address.port)/").status
    if [403, 407, 502, 503, 504].contains(status) { throw Self.refusal(status) }
  }

  private static func refusal(_ status: Int) -> Stop {
    Stop(obstacle: status == 407 ? .proxyAuthentication : .proxyRefused, detail: "\(status)")
  }

  private func secure(_ channel: any Channel, verifying: Bool) async throws(Stop) {
    do {
      try await handshake(channel, verifying: verifying)
    } catch {
      guard verifying, Self.isAboutTrust(error) else {
        throw Stop(
          obstacle: error is Listener.Silence ? .timedOut : .tls, detail: error is Listener.Silence ? "TLS" : "")
      }
      throw await distrusted(error)
    }
  }

  private func handshake(_ channel: any Channel, verifying: Bool) async throws {
    var configuration = TLSConfiguration.makeClientConfiguration()
    if !verifying { configuration.certificateVerification = .none }
    let context = try NIOSSLContext(configuration: configuration)
    let (host, listening) = (address.host, channel.eventLoop.makePromise(of: Void.self))
    channel.eventLoop.execute {
      listening.completeWith(
        Result {
          let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
          let tls = try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : host)
          try channel.pipeline.syncOperations.addHandler(tls, position: .first)
        })
    }
    try await listening.futureResult.get()
    _ = try await Listener.next(in: channel) { $0.secured }
  }

  private static func isAboutTrust(_ error: any Error) -> Bool {
    if error is NIOSSLExtraError { return true }
    return "\(error)".contains("CERTIFICATE_VERIFY_FAILED")
  }

  /// Looks at the certificate that was refused, over a connection that is used for nothing else.
  private func distrusted(_ error: any Error) async -> Stop {
    if (error as? NIOSSLExtraError) == .failedToValidateHostname {
      return Stop(obstacle: .certificate, detail: "it is for another name")
    }
    let now = Int64(time(nil))
    let found = try? await withChannel(verifying: false) { await Self.certificate($0) }
    guard let certificate = found ?? nil else { return Stop(obstacle: .inspected) }
    if now < Int64(certificate.notValidBefore) { return Stop(obstacle: .certificate, detail: "its time has not come") }
    if now > Int64(certificate.notValidAfter) { return Stop(obstacle: .certificate, detail: "its time is over") }
    return Stop(obstacle: .inspected, signer: Self.issuer(certificate))
  }

  private func signer(_ channel: any Channel) async -> String? {
    address.isSecure ? await Self.certificate(channel).flatMap(Self.issuer) : nil
  }

  private static func certificate(_ channel: any Channel) async -> NIOSSLCertificate? {
    try? await channel.nioSSL_peerCertificate().get()
  }

  private static func issuer(_ certificate: NIOSSLCertificate) -> String? {
    (try? certificate.toDERBytes()).flatMap { CertificateNames.issuer(der: $0) }
  }

  private func date(_ channel: any Channel, _ path: String?) async -> Int64? {
    guard let path else { return nil }
    let isForwarded = proxy != nil && !address.isSecure
    let target = isForwarded ? "http://\(address.host):\(address.port)\(path)" : path
    return (try? await ask(channel, "HEAD \(target)"))?.date
  }

  private func ask(_ channel: any Channel, _ line: String) async throws(Stop) -> Listener.Head {
    let text = "\(line) HTTP/1.1\r\nHost: \(address.host):\(address.port)\r\nUser-Agent: slipway\r\n\r\n"
    do {
      return try await Listener.next(in: channel, sending: channel.allocator.buffer(string: text)) { $0.head }
    } catch is Listener.Silence {
      throw Stop(obstacle: .timedOut, detail: "no answer to \(line.prefix { $0 != " " })")
    } catch {
      throw Stop(obstacle: proxy == nil ? .unreachable : .proxyUnreachable, detail: "the connection was closed")
    }
  }
}
