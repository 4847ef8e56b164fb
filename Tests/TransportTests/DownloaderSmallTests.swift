import Foundation
import Testing

@testable import Transport

@Suite struct DownloaderSmallTests {
  let web: Web
  let pauses = Pauses()
  let downloader: Downloader

  init() throws {
    web = try Web()
    downloader = Downloader(settings: .test, environment: pauses.environment())
  }

  @Test func bringsTheBytes() async throws {
    let bytes = try await downloader.small(web.url("ok", size: 5000), maximumLength: 5000)
    #expect(bytes == Web.content(5000))
    let request = try #require(try await web.requests().first)
    #expect(request.agent == "slipway")
    #expect(request.encoding == "identity")
    #expect(request.range == nil)
  }

  @Test func anEmptyFileIsNotAMissingOne() async throws {
    #expect(try await downloader.small(web.url("ok"), maximumLength: 10) == [])
  }

  @Test(arguments: [403, 404, 410]) func missingIsNilAndNotTriedAgain(status: Int) async throws {
    #expect(try await downloader.small(web.url("status", "code=\(status)"), maximumLength: 10) == nil)
    #expect(try await web.requests().count == 1)
    #expect(pauses.all.isEmpty)
  }

  @Test(arguments: [400, 401, 451]) func permanentRefusalIsNotTriedAgain(status: Int) async throws {
    await #expect(throws: failure(.refused(status: status))) {
      try await downloader.small(web.url("status", "code=\(status)"), maximumLength: 10)
    }
    #expect(try await web.requests().count == 1)
  }

  @Test(arguments: [408, 429, 500, 503]) func passingRefusalIsTriedAgain(status: Int) async throws {
    let url = web.url("status", size: 9, "code=\(status)&times=2")
    #expect(try await downloader.small(url, maximumLength: 9) == Web.content(9))
    #expect(pauses.all == [.seconds(1), .seconds(2)])
  }

  @Test func givesUpAfterTheLastTry() async throws {
    await #expect(throws: failure(.refused(status: 500))) {
      try await downloader.small(web.url("status", "code=500"), maximumLength: 10)
    }
    #expect(try await web.requests().count == 3)
  }

  @Test(arguments: ["endless", "longer"]) func moreThanAllowedIsRefused(mode: String) async throws {
    await #expect(throws: failure(.tooLarge)) {
      try await downloader.small(web.url(mode, size: 100), maximumLength: 100)
    }
  }

  @Test(arguments: ["drip", "silent", "mute"]) func stallIsBounded(mode: String) async throws {
    let downloader = Downloader(settings: .impatient, environment: pauses.environment())
    await #expect(throws: failure(.stalled)) {
      try await downloader.small(web.url(mode, size: 1000, "every=0.1"), maximumLength: 1000)
    }
  }

  @Test func slowButSteadyIsBoundedInTime() async throws {
    var settings = TransportSettings.impatient
    settings.stallRate = 1
    settings.smallTimeout = .milliseconds(400)
    let downloader = Downloader(settings: settings, environment: pauses.environment())
    await #expect(throws: failure(.stalled)) {
      try await downloader.small(web.url("drip", size: 1000, "every=0.05"), maximumLength: 1000)
    }
  }

  @Test func compressedAnswerIsRefused() async throws {
    await #expect(throws: failure(.invalidAnswer)) {
      try await downloader.small(web.url("gzip", size: 10), maximumLength: 10)
    }
  }

  @Test func theNextBaseIsAskedInOrder() async throws {
    let bases = ["http://127.0.0.1:1", "\(web.base)/status/x?code=500&", web.base + "/"]
    #expect(try await downloader.small(web.path("ok", size: 7), from: bases, maximumLength: 7) == Web.content(7))
    #expect(pauses.all.isEmpty)
  }

  @Test func missingAtOneServerAndBrokenAtTheOtherIsMissing() async throws {
    let bases = ["http://127.0.0.1:1", web.base]
    #expect(try await downloader.small(web.path("status", "code=404"), from: bases, maximumLength: 7) == nil)
  }

  @Test func noBaseAtAllIsAnError() async throws {
    await #expect(throws: failure(.invalidURL)) { try await downloader.small("x", from: [], maximumLength: 7) }
  }

  @Test(arguments: ["ftp://127.0.0.1/x", "file:///etc/passwd", "127.0.0.1", "http://", "http://user:word@127.0.0.1/x"])
  func otherURLsAreRefused(url: String) async throws {
    await #expect(throws: failure(.invalidURL)) { try await downloader.small(url, maximumLength: 7) }
  }

  @Test func redirectsAreFollowedUpToTheBound() async throws {
    let target = "/" + web.path("ok", size: 7)
    let to = try #require(target.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
    let five = web.url("redirect", "left=4&to=\(to)")
    #expect(try await downloader.small(five, maximumLength: 7) == Web.content(7))
    await #expect(throws: failure(.invalidAnswer)) {
      try await downloader.small(web.url("redirect", "left=5&to=\(to)"), maximumLength: 7)
    }
  }

  @Test(arguments: ["file%3A%2F%2F%2Fetc%2Fpasswd", "ftp%3A%2F%2Fx%2Fy"])
  func redirectToAnotherSchemeIsRefused(to: String) async throws {
    await #expect(throws: failure(.invalidAnswer)) {
      try await downloader.small(web.url("redirect", "to=\(to)"), maximumLength: 100_000)
    }
  }

  @Test func redirectToNowhereIsRefused() async throws {
    await #expect(throws: failure(.invalidAnswer)) {
      try await downloader.small(web.url("nowhere"), maximumLength: 10)
    }
  }

  @Test(arguments: [("http://127.0.0.1:1/x", TransportError.Step.connect), ("http://no-such-host.invalid/x", .dns)])
  func unreachableSaysWhere(url: String, step: TransportError.Step) async throws {
    await #expect(throws: failure(.unreachable(step))) { try await downloader.small(url, maximumLength: 7) }
    #expect(pauses.all.count == 2)
  }

  @Test func plainServerIsNoTLSServer() async throws {
    await #expect(throws: failure(.unreachable(.tls))) {
      try await downloader.small("https://127.0.0.1:\(web.port)/x", maximumLength: 7)
    }
  }
}
