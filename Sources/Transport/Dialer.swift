import Cryptography
import NIOCore
import Proxies

/// Makes connections by whatever route a proxy decision names. Everything that talks to the network does so through
/// this one set-up: a trial sees what a download would meet.
public struct Dialer: Sendable {
  /// The credentials of one proxy; nil for a proxy that none are set for.
  public typealias CredentialStore = @Sendable (ProxyEndpoint) -> ProxyCredentials?

  private let store: CredentialStore
  let trust: Trust
  let userAgent: String

  /// - Parameters:
  ///   - caFile: PEM certificates that are trusted besides the system's, for the way only: nothing that is installed
  ///     is trusted because of them.
  ///   - identity: shown to origins that ask for a client's certificate; never to proxies.
  ///   - credentials: asked for the endpoint that a route names, so that they go to no other.
  public init(
    caFile: String? = nil, identity: ClientIdentity? = nil, userAgent: String = "slipway",
    credentials: @escaping CredentialStore = { _ in nil }
  ) {
    store = credentials
    self.userAgent = userAgent
    trust = Trust(caFile: caFile, identity: identity)
  }

  /// Those of the proxy that a passage goes through.
  func credentials(for passage: Passage) -> ProxyCredentials? {
    guard case .through(let proxy) = passage.route else { return nil }
    return store(proxy)
  }

  /// Turns an open TCP connection to a passage's hop into one to its origin: TLS to the proxy, the proxy's own protocol,
  /// TLS to the origin. The handlers go before those that are in the pipeline already.
  ///
  /// - Parameters:
  ///   - patience: for each step.
  ///   - path: in a trial no request will follow, so a proxy that would see it is asked for the headers of this.
  ///   - witness: sees what is presented in its step, which then fails.
  ///   - watch: told of each step that was gone well, with the certificate that was presented in it.
  /// - Throws: after an error the connection is closed.
  func prepare(
    _ channel: any Channel, for passage: Passage, patience: Duration, trying path: String? = nil,
    witness: ChainWitness? = nil,
    watch: (DialStep, PresentedCertificate?) -> Void = { _, _ in }
  ) async throws(DialError) {
    do throws(DialError) {
      let handler = try await stand(in: channel)
      if case .through(let proxy) = passage.route {
        if proxy.kind == .https {
          watch(.proxyTLS, try await secure(handler, proxy.host, at: .proxyTLS, patience, witness))
        }
        if let dialect = try passage.dialect(credentials(for: passage), userAgent: userAgent, trying: path) {
          try await ask(handler, dialect, patience: patience)
          watch(.proxy, nil)
        }
      }
      if passage.origin.isSecure {
        watch(.tls, try await secure(handler, passage.origin.host, at: .tls, patience, witness))
      }
    } catch {
      channel.close(promise: nil)
      throw error
    }
  }

  private func stand(in channel: any Channel) async throws(DialError) -> NIOLoopBound<DialHandler> {
    try await Self.settled(at: .connect) {
      try await channel.eventLoop.submit {
        let handler = DialHandler(on: channel.eventLoop)
        try channel.pipeline.syncOperations.addHandler(handler, position: .first)
        return NIOLoopBound(handler, eventLoop: channel.eventLoop)
      }.get()
    }
  }

  private func secure(
    _ handler: NIOLoopBound<DialHandler>, _ name: String, at step: DialStep, _ patience: Duration,
    _ witness: ChainWitness?
  ) async throws(DialError) -> PresentedCertificate? {
    try await Self.settled(at: step) {
      try await handler.eventLoop.flatSubmit { [trust] in
        handler.value.secure(
          name, at: step, trust: trust, patience: patience, witness: witness?.step == step ? witness : nil)
      }.get()
    }
  }

  func ask(
    _ handler: NIOLoopBound<DialHandler>, _ dialect: any ProxyDialect, patience: Duration
  ) async throws(DialError) {
    _ = try await Self.settled(at: .proxy) {
      try await handler.eventLoop.flatSubmit { handler.value.ask(dialect, patience: patience) }.get()
    }
  }

  private static func settled<Value>(
    at step: DialStep, _ body: () async throws -> Value
  ) async throws(DialError) -> Value {
    do { return try await body() } catch let error as DialError { throw error } catch {
      throw DialError(step == .proxy ? .proxyProtocol : .tls, at: step, "\(error)")
    }
  }
}
