import Proxies
import Testing

@testable import Transport

/// What a trial says of the direct way, and of certificates.
@Suite struct TrialTests {
  func trial(
    _ host: String, _ port: Int, through route: ProxyRoute = .direct, caFile: String? = nil,
    patience: Duration = .seconds(5)
  ) async -> Trial {
    await Dialer(caFile: caFile).trial(host: host, port: port, through: route, patience: patience)
  }

  @Test(arguments: [
    ("nowhere.invalid", 443, DialError(.nameNotFound, at: .resolve)),
    ("127.0.0.1", 1, DialError(.refused, at: .connect)),
    ("localhost", 1, DialError(.refused, at: .connect)),
    ("255.255.255.255", 443, DialError(.unreachable, at: .connect)),
  ])
  func theStepThatFailsIsTold(host: String, port: Int, error: DialError) async {
    let direct = await trial(host, port)
    #expect(direct.outcome == .failure(error))
    #expect(direct.steps.last?.step == error.step)
    let route = ProxyRoute.through(ProxyEndpoint(.http, host: host, port: port))
    #expect(await trial("repository.invalid", 443, through: route).outcome == .failure(error))
  }

  @Test(arguments: [
    (nil, DialStep.tls), (ProxyEndpoint.Kind.http, .proxy), (.https, .proxyTLS), (.socks4, .proxy), (.socks5, .proxy),
  ])
  func silenceEndsInTime(kind: ProxyEndpoint.Kind?, step: DialStep) async throws {
    let mute = try LoopbackPort(isMute: true)
    let route = kind.map { ProxyRoute.through(ProxyEndpoint($0, host: "127.0.0.1", port: mute.port)) } ?? .direct
    let trial = await trial("127.0.0.1", mute.port, through: route, patience: .milliseconds(200))
    #expect(trial.outcome == .failure(DialError(.timedOut, at: step)))
    #expect(trial.steps.map(\.step) == [.connect, step])
    #expect(trial.steps[1].duration >= .milliseconds(200) && trial.steps[1].duration < .seconds(2))
    withExtendedLifetime(mute) {}
  }

  @Test func whatIsWrongWithACertificateIsTold() async throws {
    let (good, old) = (try Behind(names: "DNS:localhost"), try Behind(names: "DNS:localhost", yesterday: true))
    let trusted = await trial("localhost", good.port, caFile: good.caFile)
    #expect(trusted.steps.map(\.step) == [.resolve, .connect, .tls])
    #expect(try trusted.outcome.get().map { [$0.subject, $0.issuer] } == ["server", "Behind CA"])
    let cases: [(String, Behind, String?, DialError.Distrust)] = [
      ("127.0.0.1", good, good.caFile, .name), ("localhost", good, nil, .issuer),
      ("localhost", old, old.caFile, .expired),
    ]
    for (host, behind, caFile, why) in cases {
      let outcome = await trial(host, behind.port, caFile: caFile).outcome
      #expect(outcome == .failure(DialError(.notTrusted(why), at: .tls)))
      guard case .failure(let error) = outcome else { continue }
      #expect(error.certificate?.issuer == "Behind CA" && error.certificate?.subject == "server")
    }
  }

  /// An inspecting proxy most often signs with an intermediate, which says nothing to an admin: its root does.
  @Test func whoeverStandsAtTheEndOfTheChainIsNamed() async throws {
    let folder = try Folder()
    let root = try Authority("Corp-Root", in: folder)
    let middle = try Authority("Inspection-7", in: folder, above: root)
    let (certificate, key) = try middle.issue("server", names: "DNS:localhost")
    try folder.put("chain", (folder.bytes("server.crt") ?? []) + (folder.bytes("Inspection-7.crt") ?? []))
    let server = try Script("server.py", "\(folder.path)/chain", key)
    let stranger = await trial("localhost", server.port)
    #expect(stranger.outcome == .failure(DialError(.notTrusted(.issuer), at: .tls)))
    #expect(stranger.chain.map(\.subject) == ["server", "Inspection-7"])
    #expect(stranger.chain.map(\.issuer) == ["Inspection-7", "Corp-Root"])
    #expect(stranger.signer == "Corp-Root")
    // Trusted, all of them are shown on request; nothing is accepted because it was looked at.
    let dialer = Dialer(caFile: root.file)
    let trusted = await dialer.trial(host: "localhost", port: server.port, wholeChain: true)
    #expect(try trusted.outcome.get()?.issuer == "Inspection-7")
    #expect(trusted.chain == stranger.chain && trusted.signer == "Corp-Root")
    let short = await dialer.trial(host: "localhost", port: server.port)
    #expect(short.chain.isEmpty && short.signer == "Inspection-7")
    // A server that forgets its intermediate: the root alone does not do.
    let alone = try Script("server.py", certificate, key)
    let forgotten = await dialer.trial(host: "localhost", port: alone.port)
    #expect(forgotten.outcome == .failure(DialError(.notTrusted(.issuer), at: .tls)))
    #expect(forgotten.signer == "Inspection-7")
  }

  /// NIO would hold an address against the peer's, which is the proxy's: here both are 127.0.0.1, and 127.0.0.2 is not.
  @Test func anAddressIsHeldAgainstTheCertificateBehindAProxyToo() async throws {
    let (one, other) = (try Behind(names: "IP:127.0.0.1"), try Behind(names: "IP:127.0.0.2"))
    let squid = try Stranger.squid()
    for route in [ProxyRoute.direct, squid.route()] {
      #expect(try await trial("127.0.0.1", one.port, through: route, caFile: one.caFile).outcome.get() != nil)
      let outcome = await trial("127.0.0.1", other.port, through: route, caFile: other.caFile).outcome
      #expect(outcome == .failure(DialError(.notTrusted(.name), at: .tls)))
    }
  }

  @Test func aCAFileThatIsNoneIsNamed() async throws {
    let good = try Behind()
    for file in ["/nowhere/ca.pem", "/etc/passwd"] {
      guard case .failure(let error) = await trial("localhost", good.port, caFile: file).outcome else {
        Issue.record("it was taken")
        continue
      }
      #expect(error == DialError(.tls, at: .tls) && error.detail.hasPrefix("\(file): "))
    }
  }
}
