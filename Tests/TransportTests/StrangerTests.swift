import Cryptography
import Foundation
import Proxies
import SystemPackage
import Testing

@testable import Transport

/// Proxies that others made, and what a device meets behind them.
@Suite struct StrangerTests {
  let behind: Behind
  let web: Web

  init() throws {
    behind = try Behind()
    web = try Web()
  }

  func downloader(
    _ routes: ProxyRoute..., caFile: String? = nil, credentials: @escaping Dialer.CredentialStore = { _ in nil }
  ) -> Downloader {
    var settings = TransportSettings.test
    settings.caFile = caFile ?? behind.caFile
    settings.retry.base = .milliseconds(10)
    return Downloader(settings: settings, routes: { _, _ in routes }, credentials: credentials)
  }

  func trial(
    _ route: ProxyRoute, _ host: String = "repository.test", port: Int? = nil, isSecure: Bool = true,
    caFile: String? = nil, credentials: @escaping Dialer.CredentialStore = { _ in nil }
  ) async -> Trial {
    await Dialer(caFile: caFile ?? behind.caFile, credentials: credentials)
      .trial(host: host, port: port ?? behind.port, isSecure: isSecure, through: route)
  }

  /// Both ways of a proxy: the tunnel, and the plain request that it sees.
  func bringsBoth(_ downloader: Downloader, host: String = "repository.test") async throws {
    let secret = try await downloader.small(behind.url("ok", size: 3000, host: host), maximumLength: 3000)
    #expect(secret == Web.content(3000))
    let plain = try await downloader.small(
      "http://\(host):\(web.port)/\(web.path("ok", size: 70))", maximumLength: 70)
    #expect(plain == Web.content(70))
  }

  // MARK: squid

  @Test func squidResolvesNamesThatTheDeviceDoesNotKnow() async throws {
    let squid = try Stranger.squid()
    try await bringsBoth(downloader(squid.route()))
    let trial = await trial(squid.route())
    #expect(trial.steps.map(\.step) == [.connect, .proxy, .tls])
    #expect(try trial.outcome.get()?.issuer == "Behind CA")
    #expect(await self.trial(.direct).outcome == .failure(DialError(.nameNotFound, at: .resolve)))
  }

  @Test func aPolicyIsToldApartFromAServerThatIsDown() async throws {
    let squid = try Stranger.squid("acl bad dstdomain forbidden.test\nhttp_access deny bad\nhttp_access allow all")
    let forbidden = DialError(.forbiddenByProxy, at: .proxy)
    for isSecure in [true, false] {
      #expect(await trial(squid.route(), "forbidden.test", isSecure: isSecure).outcome == .failure(forbidden))
    }
    await #expect(throws: failure(.unreachable(.proxyRefusal))) {
      try await downloader(squid.route()).small(behind.url("ok", size: 5, host: "forbidden.test"), maximumLength: 5)
    }
    // The proxy works, and what is behind it does not.
    #expect(await trial(squid.route(), port: 1).outcome == .failure(DialError(.proxyAnswered(503), at: .proxy)))
    await #expect(throws: failure(.unreachable(.connect))) {
      try await downloader(squid.route()).small("https://repository.test:1/x", maximumLength: 5)
    }
  }

  static let basic = """
    auth_param basic program /usr/lib/squid/basic_ncsa_auth FOLDER/users
    acl known proxy_auth REQUIRED
    http_access allow known
    """

  @Test func squidWithCredentials() async throws {
    let folder = try Folder()
    try folder.put("users", Array("device:\(try password("p:ss wörd"))\n".utf8))
    let squid = try Stranger.squid(Self.basic, in: folder)
    let right = ProxyCredentials(user: "device", password: "p:ss wörd")
    try await bringsBoth(downloader(squid.route(), credentials: { _ in right }))
    for credentials in [nil, ProxyCredentials(user: "device", password: "wrong")] {
      for isSecure in [true, false] {
        let outcome = await trial(squid.route(), isSecure: isSecure, credentials: { _ in credentials }).outcome
        #expect(outcome == .failure(DialError(.proxyCredentials, at: .proxy)))
        guard case .failure(let error) = outcome else { continue }
        #expect(error.detail == "status 407, Basic")
      }
      for url in [behind.url("ok", size: 5), "http://repository.test:\(web.port)/\(web.path("ok", size: 5))"] {
        await #expect(throws: failure(.unreachable(.proxyRefusal))) {
          try await downloader(squid.route(), credentials: { _ in credentials }).small(url, maximumLength: 5)
        }
      }
    }
  }

  @Test func credentialsGoToTheirOwnProxyOnly() async throws {
    let other = try Stranger.squid()
    let (dead, secret) = (ProxyEndpoint(.http, host: "127.0.0.1", port: 1), ProxyCredentials(user: "u", password: "p"))
    try await bringsBoth(
      downloader(.through(dead), other.route(), credentials: { $0 == dead ? secret : nil }))
    // A tunnel is logged when it ends, with the Proxy-Authorization that came.
    let log = { other.folder.text("access.log") }
    #expect(try await eventually { log().contains("CONNECT repository.test:\(behind.port) 200 -\n") })
    #expect(log().contains(" 200 -\n") && !log().contains("Basic"))
  }

  @Test func squidOverTLS() async throws {
    let folder = try Folder()
    let authority = try Authority("Proxy CA", in: folder)
    let (certificate, key) = try authority.issue("proxy", names: "DNS:localhost,IP:127.0.0.1")
    let both = "\(folder.path)/both"
    try folder.put(
      "both", (folder.bytes("Proxy CA.crt") ?? []) + (try Array(Data(contentsOf: URL(filePath: behind.caFile)))))
    let squid = try Stranger.squid(
      listening: "https_port 127.0.0.1:PORT tls-cert=\(certificate) tls-key=\(key)", in: folder)
    try await bringsBoth(downloader(squid.route(.https), caFile: both))
    let trial = await trial(squid.route(.https), caFile: both)
    #expect(trial.steps.map(\.step) == [.connect, .proxyTLS, .proxy, .tls])
    #expect(try trial.outcome.get()?.issuer == "Behind CA")
    let stranger = await self.trial(squid.route(.https))
    #expect(stranger.outcome == .failure(DialError(.notTrusted(.issuer), at: .proxyTLS)))
    let plain = try Stranger.squid()
    #expect(await self.trial(plain.route(.https)).outcome == .failure(DialError(.tls, at: .proxyTLS)))
  }

  @Test func anInspectingProxyIsNamed() async throws {
    let folder = try Folder()
    let authority = try Authority("Inspecting-Inc", in: folder)
    let squid = try inspecting(authority, in: folder)
    let trial = await trial(squid.route())
    #expect(trial.outcome == .failure(DialError(.notTrusted(.issuer), at: .tls)))
    guard case .failure(let error) = trial.outcome else { return }
    #expect(error.certificate?.issuer == "Inspecting-Inc")
    do {
      _ = try await downloader(squid.route()).small(behind.url("ok", size: 5), maximumLength: 5)
      Issue.record("it was trusted")
    } catch {
      #expect(error == failure(.unreachable(.tls)))
      #expect(
        error.description.contains("PROXY 127.0.0.1:\(squid.port)") && error.description.contains("Inspecting-Inc"))
    }
    // Once the device has been told to trust it for the way, it is let through, and still seen.
    try await bringsBoth(downloader(squid.route(), caFile: authority.file))
    let trusted = await self.trial(squid.route(), caFile: authority.file)
    #expect(try trusted.outcome.get()?.issuer == "Inspecting-Inc")
  }

  private func inspecting(_ authority: Authority, in folder: Folder) throws -> Stranger {
    let database = "\(folder.path)/made"
    let maker = Process()
    maker.executableURL = URL(filePath: "/usr/lib/squid/security_file_certgen")
    maker.arguments = ["-c", "-s", database, "-M", "4MB"]
    maker.standardOutput = FileHandle.nullDevice
    maker.standardError = FileHandle.nullDevice
    try maker.run()
    maker.waitUntilExit()
    for path in [database, "\(database)/certs", "\(database)/index.txt", "\(database)/size"] {
      try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: path)
    }
    return try Stranger.squid(
      """
      sslcrtd_program /usr/lib/squid/security_file_certgen -s \(database) -M 4MB
      sslcrtd_children 1 startup=1 idle=1
      ssl_bump bump all
      sslproxy_cert_error allow all
      tls_outgoing_options cafile=\(behind.caFile)
      http_access allow all
      """,
      listening: """
        http_port 127.0.0.1:PORT ssl-bump tls-cert=\(authority.file) tls-key=\(folder.path)/\(authority.name).key \
        generate-host-certificates=on dynamic_cert_mem_cache_size=4MB
        """, in: folder)
  }

  // MARK: tinyproxy

  @Test func tinyproxyWithAndWithoutCredentials() async throws {
    let open = try Stranger.tinyproxy()
    try await bringsBoth(downloader(open.route()), host: "localhost")
    let strict = try Stranger.tinyproxy("BasicAuth device secret")
    let right = ProxyCredentials(user: "device", password: "secret")
    try await bringsBoth(downloader(strict.route(), credentials: { _ in right }), host: "localhost")
    let without = await trial(strict.route(), "localhost")
    #expect(without.outcome == .failure(DialError(.proxyCredentials, at: .proxy)))
  }

  @Test func tinyproxyThatForbidsThePort() async throws {
    let strict = try Stranger.tinyproxy("ConnectPort 443")
    #expect(await trial(strict.route(), "localhost").outcome == .failure(DialError(.forbiddenByProxy, at: .proxy)))
  }

  /// Many servers answer 403 for their root page; that is no proxy's doing, and downloads work.
  @Test func whatAServerForbidsByPlainHTTPIsNotTheProxysDoing() async throws {
    let folder = try Folder()
    try folder.put("filter", Array("^forbidden".utf8))
    let (squid, tinyproxy) = (try Stranger.squid(), try Stranger.tinyproxy("Filter \"\(folder.path)/filter\""))
    func outcome(_ proxy: Stranger, _ host: String, _ path: String) async -> Result<PresentedCertificate?, DialError> {
      await Dialer().trial(host: host, port: web.port, isSecure: false, path: path, through: proxy.route()).outcome
    }
    for status in [200, 403, 404, 503] {
      #expect(await outcome(squid, "repository.test", "/?status=\(status)") == .success(nil), "\(status)")
      #expect(await outcome(tinyproxy, "localhost", "/?status=\(status)") == .success(nil), "\(status)")
    }
    // tinyproxy's own page bears no mark at all.
    #expect(
      await outcome(tinyproxy, "forbidden.test", "/") == .failure(DialError(.proxyOrServerAnswered(403), at: .proxy)))
  }

  // MARK: SOCKS

  @Test func socks5WithAndWithoutCredentials() async throws {
    let open = try Stranger.microsocks()
    try await bringsBoth(downloader(open.route(.socks5)), host: "localhost")
    #expect(await trial(open.route(.socks5), "localhost").steps.map(\.step) == [.connect, .proxy, .tls])
    #expect(
      await trial(open.route(.socks5), "localhost", port: 1).outcome
        == .failure(DialError(.proxyAnswered(5), at: .proxy)))
    let strict = try Stranger.microsocks("-u", "device", "-P", "secret")
    let right = ProxyCredentials(user: "device", password: "secret")
    try await bringsBoth(downloader(strict.route(.socks5), credentials: { _ in right }), host: "localhost")
    for credentials in [nil, ProxyCredentials(user: "device", password: "wrong")] {
      let outcome = await trial(strict.route(.socks5), "localhost", credentials: { _ in credentials }).outcome
      #expect(outcome == .failure(DialError(.proxyCredentials, at: .proxy)))
    }
  }

  @Test(.enabled(if: python != nil, "SLIPWAY_PYTHON is not set")) func socks4ResolvesNames() async throws {
    let twisted = try Stranger(Self.python ?? "", ["-m", "twisted", "socks", "-i", "127.0.0.1", "-p", "PORT"])
    for host in ["localhost", "127.0.0.1"] { try await bringsBoth(downloader(twisted.route(.socks4)), host: host) }
    #expect(await trial(twisted.route(.socks4), "localhost").steps.map(\.step) == [.connect, .proxy, .tls])
  }

  private static let python = getenv("SLIPWAY_PYTHON").map { String(cString: $0) }

  // MARK: Proxies that die

  @Test func aProxyThatIsKilledInTheMiddleIsFollowedByTheNext() async throws {
    let (first, second, folder) = (try Stranger.tinyproxy(), try Stranger.squid(), try Folder())
    let (size, partial) = (3 << 20, "\(folder.path)/part")
    let url = behind.url("slow", size: size, host: "localhost")
    try await {
      let downloader = downloader(first.route(), second.route(), .direct)
      async let done: Void = downloader.download(
        url, to: FilePath(partial), expectedLength: Int64(size))
      let isBegun = try await eventually {
        let length = try? FileManager.default.attributesOfItem(atPath: partial)[.size] as? Int
        return (length ?? 0) > 512 << 10
      }
      #expect(isBegun)
      first.end()
      try await done
    }()
    #expect(folder.bytes("part") == Web.content(size))
    #expect(first.folder.text("access.log").contains("CONNECT localhost:\(behind.port)"))
    #expect(try await eventually { second.folder.text("access.log").contains("CONNECT localhost:\(behind.port) 200") })
    let ranges = try await behind.requests().filter { $0.path.hasSuffix("size=\(size)") }.map(\.range)
    #expect(ranges.count == 2 && ranges[0] == nil && ranges[1] != nil)
  }

  @Test func aProxyThatSaysNothingIsGivenUp() async throws {
    let squid = try Stranger.squid()
    var settings = TransportSettings.test
    settings.caFile = behind.caFile
    settings.connectTimeout = .milliseconds(400)
    let mute = try LoopbackPort(isMute: true)
    let silent = ProxyRoute.through(ProxyEndpoint(.https, host: "127.0.0.1", port: mute.port))
    let downloader = Downloader(settings: settings, routes: { _, _ in [silent, squid.route()] })
    let start = ContinuousClock.now
    for _ in 0..<3 { _ = try await downloader.small(behind.url("ok", size: 5), maximumLength: 5) }
    // Waited for once.
    #expect(ContinuousClock.now - start < .milliseconds(1200))
    withExtendedLifetime(mute) {}
  }

  private func password(_ password: String) throws -> String {
    let openssl = Process()
    openssl.executableURL = URL(filePath: "/usr/bin/env")
    openssl.arguments = ["openssl", "passwd", "-apr1", password]
    let pipe = Pipe()
    openssl.standardOutput = pipe
    try openssl.run()
    defer { openssl.waitUntilExit() }
    return try pipe.fileHandleForReading.readToEndOfLine()
  }
}
