import Foundation
import Proxies
import Synchronization
import SystemPackage
import Testing

@testable import Transport

@Suite struct ProxyTests {
  let web: Web
  let pauses = Pauses()

  init() throws { web = try Web() }

  func log(_ proxy: Script) async throws -> [String] {
    let bytes = try await Downloader().small("http://127.0.0.1:\(proxy.port)/log", maximumLength: 1 << 20) ?? []
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  func downloader(_ port: Int, bypass: [BypassRule] = []) -> Downloader {
    let proxy = ManualProxy(ProxyEndpoint(.http, host: "127.0.0.1", port: port))
    let settings = ProxySettings(.manual, servers: [proxy], bypass: bypass)
    return Downloader(
      settings: .test, routes: { url, _ in WebOrigin(url).flatMap { settings.decision(for: $0)?.routes } ?? [] },
      environment: pauses.environment())
  }

  @Test func plainRequestsAreForwardedInAbsoluteForm() async throws {
    let proxy = try Script("proxy.py", "\(web.port)")
    let path = web.path("ok", size: 50)
    let bytes = try await downloader(proxy.port).small(
      path, from: ["http://repository.invalid:8080"], maximumLength: 50)
    #expect(bytes == Web.content(50))
    #expect(try await log(proxy) == ["GET http://repository.invalid:8080/\(path)"])
    #expect(try await web.requests().first?.host == "repository.invalid:8080")
  }

  @Test func secureRequestsAreTunnelled() async throws {
    let proxy = try Script("proxy.py", "\(web.port)")
    // Behind the tunnel is no TLS server: the handshake fails there, not at the proxy.
    await #expect(throws: failure(.unreachable(.tls))) {
      try await downloader(proxy.port).small("https://repository.invalid/x", maximumLength: 50)
    }
    #expect(try await log(proxy) == ["CONNECT repository.invalid:443"])
  }

  @Test func aCertificateThatNobodySignedIsNotTrusted() async throws {
    let folder = try Folder()
    let openssl = Process()
    openssl.executableURL = URL(filePath: "/usr/bin/env")
    openssl.arguments = [
      "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=repository.invalid",
      "-addext", "subjectAltName=DNS:repository.invalid", "-keyout", "\(folder.path)/key", "-out",
      "\(folder.path)/certificate",
    ]
    openssl.standardError = FileHandle.nullDevice
    try openssl.run()
    openssl.waitUntilExit()
    let secure = try Script("server.py", "\(folder.path)/certificate", "\(folder.path)/key")
    let proxy = try Script("proxy.py", "\(secure.port)")
    await #expect(throws: failure(.unreachable(.tls))) {
      try await downloader(proxy.port).small("https://repository.invalid/ok/x", maximumLength: 50)
    }
    #expect(pauses.all.isEmpty)
  }

  @Test(arguments: ["127.0.0.1", "*", "*.0.1"]) func bypassedHostsAreReachedDirectly(pattern: String) async throws {
    let proxy = try Script("proxy.py", "1")
    let bytes = try await downloader(proxy.port, bypass: [try BypassRule(parsing: pattern)]).small(
      web.url("ok", size: 5), maximumLength: 5)
    #expect(bytes == Web.content(5))
    #expect(try await log(proxy) == [])
  }

  @Test(arguments: ["http", "https"]) func aDeadProxyIsNamed(scheme: String) async throws {
    await #expect(throws: failure(.unreachable(.proxy))) {
      try await downloader(1).small("\(scheme)://127.0.0.1:\(web.port)/x", maximumLength: 5)
    }
    #expect(try await web.requests().isEmpty)
  }

  @Test(arguments: ["deny", "authenticate"]) func aProxyThatRefusesIsNamed(temper: String) async throws {
    let proxy = try Script("proxy.py", "\(web.port)", temper)
    await #expect(throws: failure(.unreachable(.proxyRefusal))) {
      try await downloader(proxy.port).small("https://repository.invalid/x", maximumLength: 5)
    }
  }

  @Test func downloadsResumeThroughAProxy() async throws {
    let proxy = try Script("proxy.py", "\(web.port)")
    let folder = try Folder()
    let path = web.path("drop", size: 1000, "after=400&drops=1")
    try await downloader(proxy.port).download(
      path, from: ["http://repository.invalid"], to: FilePath("\(folder.path)/part"), expectedLength: 1000)
    #expect(folder.bytes("part") == Web.content(1000))
    #expect(try await log(proxy).count == 2)
  }

  @Test func everyRedirectIsDecidedAnew() async throws {
    let asked = Mutex<[String]>([])
    let next = "http://localhost:\(web.port)/\(web.path("ok", size: 5))"
    let escaped = try #require(next.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
    let downloader = Downloader(
      settings: .test,
      routes: { _, host in
        asked.withLock { $0.append(host) }; return []
      })
    #expect(
      try await downloader.small(web.url("redirect", size: 0, "to=\(escaped)"), maximumLength: 5) == Web.content(5))
    #expect(asked.withLock { $0 } == ["127.0.0.1", "localhost"])
  }

  @Test func aDecisionThatFailsIsNoReasonToGoDirectly() async throws {
    struct Broken: Error, CustomStringConvertible { let description = "line 7" }
    let downloader = Downloader(settings: .test, routes: { _, _ in throw Broken() }, environment: pauses.environment())
    do {
      _ = try await downloader.small(web.url("ok", size: 5), maximumLength: 5)
      Issue.record("it went")
    } catch {
      #expect(error == failure(.unreachable(.proxy)) && error.description.contains("line 7"))
    }
    #expect(try await web.requests().isEmpty)
  }
}
