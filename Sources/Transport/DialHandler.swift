import Cryptography
import NIOCore
import NIOSSL
import NIOTLS
import Posix

/// Stands before whatever speaks HTTP until the way to the origin is open. TLS handlers go before it, the one to the
/// proxy first; a proxy's own protocol it speaks itself. Then it lets everything through.
final class DialHandler: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer
  typealias Outcome = EventLoopPromise<PresentedCertificate?>

  private enum State {
    case open
    case securing(NIOSSLClientHandler, address: String?, DialStep, Outcome)
    case asking(any ProxyDialect, Outcome)
  }

  private let eventLoop: any EventLoop
  private var state = State.open
  private var context: ChannelHandlerContext?
  private var heard = ByteBuffer()

  init(on eventLoop: any EventLoop) { self.eventLoop = eventLoop }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }
  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  /// TLS by a client to `serverName`; one that is an address is held against the certificate here, for NIO would take
  /// the address of the peer, which with a proxy is another.
  func secure(
    _ serverName: String, at step: DialStep, trust: Trust, patience: Duration, witness: ChainWitness? = nil
  ) -> EventLoopFuture<PresentedCertificate?> {
    guard let context, context.channel.isActive else { return eventLoop.makeFailedFuture(Self.closed(step)) }
    let isAddress = (try? SocketAddress(ipAddress: serverName, port: 0)) != nil
    let outcome = start(step, patience)
    do {
      let (settings, name) = (try trust.context(namesChecked: !isAddress, at: step), isAddress ? nil : serverName)
      let tls =
        if let witness {
          try NIOSSLClientHandler(context: settings, serverHostname: name) { witness.look($0, $1) }
        } else {
          try NIOSSLClientHandler(context: settings, serverHostname: name)
        }
      state = .securing(tls, address: isAddress ? serverName : nil, step, outcome)
      try context.pipeline.syncOperations.addHandler(tls, position: .before(self))
    } catch {
      state = .open
      outcome.fail(error as? DialError ?? DialError(.tls, at: step, "\(error)"))
    }
    return outcome.futureResult
  }

  /// Has the proxy open the way.
  func ask(_ dialect: any ProxyDialect, patience: Duration) -> EventLoopFuture<PresentedCertificate?> {
    guard let context, context.channel.isActive else { return eventLoop.makeFailedFuture(Self.closed(.proxy)) }
    let outcome = start(.proxy, patience)
    state = .asking(dialect, outcome)
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: dialect.greeting)), promise: nil)
    return outcome.futureResult
  }

  private func start(_ step: DialStep, _ patience: Duration) -> Outcome {
    let outcome = eventLoop.makePromise(of: PresentedCertificate?.self)
    let bound = NIOLoopBound(self, eventLoop: eventLoop)
    let alarm = eventLoop.scheduleTask(in: TimeAmount(patience)) {
      bound.value.settle(.failure(DialError(.timedOut, at: step)))
    }
    outcome.futureResult.whenComplete { _ in alarm.cancel() }
    return outcome
  }

  private func settle(_ result: Result<PresentedCertificate?, DialError>) {
    switch state {
    case .open: return
    case .securing(_, _, _, let outcome), .asking(_, let outcome):
      state = .open
      outcome.completeWith(result.mapError { $0 as any Error })
    }
  }

  // MARK: What happens on the connection

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .asking(var dialect, let outcome) = state else { return context.fireChannelRead(data) }
    heard.writeImmutableBuffer(unwrapInboundIn(data))
    do throws(DialError) {
      while let reply = try dialect.hear(&heard) {
        switch reply {
        case .say(let bytes): context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
        case .through:
          guard heard.readableBytes == 0 else {
            throw DialError(.proxyProtocol, at: .proxy, "bytes that nobody asked for")
          }
          return settle(.success(nil))
        }
      }
      state = .asking(dialect, outcome)
    } catch { settle(.failure(error)) }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .securing(let tls, let address, let step, _) = state,
      case TLSUserEvent.handshakeCompleted? = event as? TLSUserEvent
    {
      let der = (try? tls.peerCertificate?.toDERBytes()) ?? []
      let certificate = PresentedCertificate(der: der)
      if let address, !PresentedCertificate.isFor(address: address, der: der) {
        settle(.failure(DialError(.notTrusted(.name), at: step, certificate: certificate)))
      } else {
        settle(.success(certificate))
      }
    }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    switch state {
    case .open: context.fireErrorCaught(error)
    case .asking: settle(.failure(DialError(.proxyProtocol, at: .proxy, "\(error)")))
    case .securing(let tls, _, let step, _):
      settle(.failure(DialError(error, at: step, der: (try? tls.peerCertificate?.toDERBytes()) ?? [])))
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    switch state {
    case .open: break
    case .asking: settle(.failure(Self.closed(.proxy)))
    case .securing(_, _, let step, _): settle(.failure(Self.closed(step)))
    }
    context.fireChannelInactive()
  }

  private static func closed(_ step: DialStep) -> DialError {
    DialError(step == .proxy ? .proxyProtocol : .tls, at: step, "the connection was closed")
  }
}

extension DialError {
  /// A failed handshake; `der`: the certificate that came, if one did.
  fileprivate init(_ error: any Error, at step: DialStep, der: [UInt8]) {
    let certificate = PresentedCertificate(der: der)
    if let failure = error as? DistantKeyFailure {
      self.init(.identity, at: step, "\(failure.cause)")
    } else if (error as? NIOSSLExtraError) == .failedToValidateHostname {
      self.init(.notTrusted(.name), at: step, certificate: certificate)
    } else if "\(error)".contains("CERTIFICATE_VERIFY_FAILED") {
      let now = HostClock.wallSeconds()
      let why: Distrust =
        if let certificate, now < certificate.notBefore {
          .notYetValid
        } else if let certificate,
          now > certificate.notAfter
        { .expired } else { .issuer }
      self.init(.notTrusted(why), at: step, certificate: certificate)
    } else {
      self.init(.tls, at: step, "\(error)")
    }
  }
}
