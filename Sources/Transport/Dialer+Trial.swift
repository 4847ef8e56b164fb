import Cryptography
import NIOCore
import NIOPosix
import Proxies

extension Dialer {
  /// Connects as a download would, and closes again.
  ///
  /// - Parameters:
  ///   - host: a name or an address; IPv6 without brackets.
  ///   - isSecure: TLS to the server. Without it a proxy that speaks HTTP is asked for the headers of `path`, since a
  ///     request is what it sees of a download.
  ///   - patience: for each step, of which there are five at most.
  ///   - wholeChain: presented certificates are wanted all, for which there is a second connection. There is one in any
  ///     case where the issuer of the first is not known: he may be an intermediate of somebody who is.
  public func trial(
    host: String, port: Int, isSecure: Bool = true, path: String = "/", through route: ProxyRoute = .direct,
    patience: Duration = .seconds(5), wholeChain: Bool = false
  ) async -> Trial {
    let passage = Passage(route: route, origin: Origin(host: host, port: port, isSecure: isSecure))
    var steps: [Trial.Step] = []
    var certificate: PresentedCertificate?
    var start = ContinuousClock.now
    func note(_ step: DialStep) {
      let now = ContinuousClock.now
      steps.append(Trial.Step(step: step, duration: now - start))
      start = now
    }
    let outcome: Result<PresentedCertificate?, DialError>
    do throws(DialError) {
      if try await resolve(passage, patience) { note(.resolve) }
      let channel = try await connect(passage, patience)
      note(.connect)
      try await prepare(channel, for: passage, patience: patience, trying: path) { step, presented in
        note(step)
        if step == .tls { certificate = presented }
      }
      channel.close(promise: nil)
      outcome = .success(certificate)
    } catch {
      note(error.step)
      outcome = .failure(error)
    }
    let chain =
      if let step = Self.stepToWitness(outcome, wholeChain) {
        await chain(for: passage, at: step, patience: patience)
      } else { [PresentedCertificate]() }
    return Trial(host: host, port: port, route: route, steps: steps, outcome: outcome, chain: chain)
  }

  private static func stepToWitness(
    _ outcome: Result<PresentedCertificate?, DialError>, _ wholeChain: Bool
  ) -> DialStep? {
    switch outcome {
    case .success(let certificate): wholeChain && certificate != nil ? .tls : nil
    case .failure(let error) where error.certificate == nil: nil
    case .failure(let error): wholeChain || error.code == .notTrusted(.issuer) ? error.step : nil
    }
  }

  /// False where there is only an address, and nothing to look up.
  private func resolve(_ passage: Passage, _ patience: Duration) async throws(DialError) -> Bool {
    let (host, port) = passage.hop
    guard (try? SocketAddress(ipAddress: host, port: port)) == nil else { return false }
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let found = loop.makePromise(of: Void.self)
    // The system's own resolver cannot be cancelled: it ends on a thread of its own when it will.
    NIOThreadPool.singleton.runIfActive(eventLoop: loop) {
      _ = try SocketAddress.makeAddressResolvingHost(host, port: port)
    }.cascade(to: found)
    let alarm = loop.scheduleTask(in: TimeAmount(patience)) { found.fail(DialError(.timedOut, at: .resolve)) }
    defer { alarm.cancel() }
    do {
      try await found.futureResult.get()
      return true
    } catch { throw error as? DialError ?? DialError(.nameNotFound, at: .resolve, host) }
  }

  private func connect(_ passage: Passage, _ patience: Duration) async throws(DialError) -> any Channel {
    let (host, port) = passage.hop
    do {
      return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .connectTimeout(TimeAmount(patience)).connect(host: host, port: port).get()
    } catch { throw DialError(connecting: error) ?? DialError(.unreachable, at: .connect, "\(error)") }
  }
}
