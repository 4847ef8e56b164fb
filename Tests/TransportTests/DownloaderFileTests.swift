import Cryptography
import Foundation
import SystemPackage
import Testing

@testable import Transport

@Suite struct DownloaderFileTests {
  let web: Web
  let folder: Folder
  let pauses = Pauses()
  let downloader: Downloader
  var partial: FilePath { FilePath("\(folder.path)/part") }

  init() throws {
    web = try Web()
    folder = try Folder()
    downloader = Downloader(settings: .test, environment: pauses.environment())
  }

  func expectWhole(_ size: Int) throws {
    #expect(folder.bytes("part") == Web.content(size))
    #expect(try folder.names == ["part"])
  }

  @Test(arguments: [0, 1, 300_000]) func bringsTheFile(size: Int) async throws {
    try await downloader.download(web.url("ok", size: size), to: partial, expectedLength: Int64(size))
    try expectWhole(size)
  }

  @Test func aWholeFileIsNotAskedForAgain() async throws {
    for _ in 0..<2 { try await downloader.download(web.url("ok", size: 10), to: partial, expectedLength: 10) }
    #expect(try await web.requests().count == 1)
  }

  @Test func droppedConnectionIsResumedWhereItBroke() async throws {
    let url = web.url("drop", size: 1000, "after=400&drops=2")
    try await downloader.download(url, to: partial, expectedLength: 1000)
    try expectWhole(1000)
    let requests = try await web.requests()
    #expect(requests.map(\.range) == [nil, "bytes=400-", "bytes=800-"])
    #expect(requests.map(\.ifRange) == [nil, "\"one\"", "\"one\""])
    #expect(pauses.all == [.seconds(1), .seconds(2)])
  }

  @Test func aLaterRunGoesOnFromWhatWasFlushed() async throws {
    let url = web.url("drop", size: 1000, "after=400&drops=1")
    var settings = TransportSettings.test
    settings.retry.maximumAttempts = 1
    await #expect(throws: failure(.interrupted)) {
      try await Downloader(settings: settings).download(url, to: partial, expectedLength: 1000)
    }
    #expect(try folder.names == ["part", "part.resume"])
    // What is beyond the flushed length may be anything after a power cut.
    try folder.put("part", (folder.bytes("part") ?? []) + [UInt8](repeating: 0, count: 100))
    try await downloader.download(url, to: partial, expectedLength: 1000)
    try expectWhole(1000)
    #expect(try await web.requests().map(\.range) == [nil, "bytes=400-"])
  }

  @Test func aDayOfChangeIsAValidatorToo() async throws {
    let date = "Sun,%2006%20Nov%201994%2008:49:37%20GMT"
    let url = web.url("drop", size: 100, "after=40&drops=1&tag=\(date)")
    try await downloader.download(url, to: partial, expectedLength: 100)
    try expectWhole(100)
    #expect(try await web.requests().last?.ifRange == "Sun, 06 Nov 1994 08:49:37 GMT")
  }

  @Test(arguments: ["untagged", "drop", "ignore", "changed", "careless", "unsatisfiable", "wrong-range"])
  func startsOverWhereTheRestDoesNotFit(mode: String) async throws {
    // A weak ETag is no validator for ranges.
    let more = "after=400" + (mode == "drop" ? "&drops=1&tag=W/%22one%22" : "")
    try await downloader.download(web.url(mode, size: 1000, more), to: partial, expectedLength: 1000)
    try expectWhole(1000)
  }

  @Test(arguments: ["{", "{\"schema\":\"slipway.resume/2\",\"length\":4}", "", "[]"])
  func aDamagedRecordMeansStartingOver(record: String) async throws {
    try folder.put("part", [9, 9, 9, 9])
    try folder.put("part.resume", Array(record.utf8))
    try await downloader.download(web.url("ok", size: 10), to: partial, expectedLength: 10)
    try expectWhole(10)
    #expect(try await web.requests().map(\.range) == [nil])
  }

  @Test func aFileThatIsTooLongIsNotKept() async throws {
    try folder.put("part", Web.content(11))
    try await downloader.download(web.url("ok", size: 10), to: partial, expectedLength: 10)
    try expectWhole(10)
  }

  @Test(arguments: ["endless", "longer"]) func moreThanExpectedIsRefused(mode: String) async throws {
    await #expect(throws: failure(.tooLarge)) {
      try await downloader.download(web.url(mode, size: 100_000), to: partial, expectedLength: 100_000)
    }
    #expect(try await web.requests().count == 1)
    #expect((folder.bytes("part") ?? []).count <= 100_000)
  }

  @Test func fewerThanExpectedIsRefused() async throws {
    await #expect(throws: failure(.tooShort)) {
      try await downloader.download(web.url("ok", size: 99), to: partial, expectedLength: 100)
    }
  }

  @Test func theNextServerGoesOnWithTheSameFile() async throws {
    let second = try Script("server.py")
    let path = web.path("drop", size: 1000, "after=600&drops=1")
    let bases = [web.base, "http://127.0.0.1:\(second.port)"]
    try await downloader.download(path, from: bases, to: partial, expectedLength: 1000)
    try expectWhole(1000)
    #expect(pauses.all.isEmpty)
  }

  @Test func aServerWithOtherBytesIsPassedOver() async throws {
    let second = try Script("server.py")
    let good = try sha256(Web.content(1000))
    let other = try sha256([1])
    await #expect(throws: failure(.wrongContent)) {
      try await downloader.download(
        web.path("ok", size: 1000), from: [web.base, "http://127.0.0.1:\(second.port)"], to: partial,
        expectedLength: 1000,
        sha256: other)
    }
    #expect(try await web.requests().count == 1)
    #expect(folder.bytes("part") == [])
    try await downloader.download(
      web.path("ok", size: 1000), from: [web.base], to: partial, expectedLength: 1000, sha256: good)
    try expectWhole(1000)
  }

  /// While another server may come back, the bytes of one that is known to be wrong are not brought again.
  @Test func wrongBytesAreBroughtOnceHoweverOftenOthersAreTried() async throws {
    let bases = [web.base, "http://127.0.0.1:1"]
    await #expect(throws: failure(.unreachable(.connect))) {
      try await downloader.download(
        web.path("ok", size: 400_000), from: bases, to: partial, expectedLength: 400_000, sha256: try sha256([1]))
    }
    #expect(try await web.requests().count == 1)
    #expect(pauses.all.count == TransportSettings.test.retry.maximumAttempts)
  }

  @Test(arguments: [(404, TransportError.Code.notFound), (403, .refused(status: 403)), (410, .notFound)])
  func missingIsPermanent(status: Int, code: TransportError.Code) async throws {
    await #expect(throws: failure(code)) {
      try await downloader.download(web.url("status", "code=\(status)"), to: partial, expectedLength: 5)
    }
    #expect(try await web.requests().count == 1)
  }

  @Test(arguments: [("120", 121.0), ("Sun, 06 Nov 1994 08:51:37 GMT", 121), ("0", 1), ("soon", 1)])
  func retryAfterIsHonoured(header: String, seconds: Double) async throws {
    let value = try #require(header.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
    let url = web.url("status", size: 10, "code=503&times=1&after=\(value)")
    try await downloader.download(url, to: partial, expectedLength: 10)
    #expect(pauses.all == [.seconds(seconds)])
  }

  @Test func waitingPastTheEndFailsAtOnceAndSaysHowLong() async throws {
    var settings = TransportSettings.test
    settings.downloadTimeout = .seconds(60)
    let downloader = Downloader(settings: settings, environment: pauses.environment())
    let error = await #expect(throws: TransportError.self) {
      try await downloader.download(web.url("status", "code=503&after=3600"), to: partial, expectedLength: 10)
    }
    #expect(error?.code == .refused(status: 503))
    #expect(error?.retryAfter == .seconds(3600))
    #expect(pauses.all.isEmpty)
  }

  @Test(arguments: ["drip", "silent"]) func stallIsFound(mode: String) async throws {
    let downloader = Downloader(settings: .impatient, environment: pauses.environment())
    await #expect(throws: failure(.stalled)) {
      try await downloader.download(web.url(mode, size: 1000, "every=0.1"), to: partial, expectedLength: 1000)
    }
  }

  @Test func dropsThatBringEnoughAreNotCounted() async throws {
    var settings = TransportSettings.test
    settings.progressThreshold = 100
    settings.retry.maximumAttempts = 2
    let downloader = Downloader(settings: settings, environment: pauses.environment())
    try await downloader.download(web.url("drop", size: 1000, "after=100"), to: partial, expectedLength: 1000)
    try expectWhole(1000)
    #expect(pauses.all.allSatisfy { $0 == .seconds(1) })
  }

  /// It has no validator, so every try starts over: as many bytes as one likes, and never more of the file.
  @Test(arguments: ["", "W/%22one%22"]) func aServerThatAlwaysBreaksAtTheSamePlaceIsGivenUp(tag: String) async throws {
    var settings = TransportSettings.test
    settings.progressThreshold = 100
    let downloader = Downloader(settings: settings, environment: pauses.environment())
    await #expect(throws: failure(.interrupted)) {
      try await downloader.download(
        web.url("drop", size: 1000, "after=400&drops=50&tag=\(tag)"), to: partial, expectedLength: 1000)
    }
    // The first try got further than nothing.
    #expect(try await web.requests().count == 1 + settings.retry.maximumAttempts)
  }

  @Test func dropsThatBringNextToNothingEndTheDownload() async throws {
    await #expect(throws: failure(.interrupted)) {
      try await downloader.download(web.url("drop", size: 1000, "after=1"), to: partial, expectedLength: 1000)
    }
    #expect(try await web.requests().count == 3)
  }

  @Test func bandwidthCapIsKept() async throws {
    try await downloader.download(
      web.url("ok", size: 500_000), to: partial, expectedLength: 500_000, bandwidth: 100_000)
    try expectWhole(500_000)
    #expect((Duration.seconds(4)...Duration.seconds(5)).contains(pauses.total))
  }

  @Test func cancellationEndsItAndKeepsWhatCame() async throws {
    let task = Task { [downloader, partial, url = web.url("silent", size: 1000)] in
      do throws(TransportError) {
        try await downloader.download(url, to: partial, expectedLength: 1000)
        return nil as TransportError.Code?
      } catch { return error.code }
    }
    #expect(try await eventually { try await web.requests().count == 1 })
    task.cancel()
    #expect(await task.value == .cancelled)
  }

  @Test(arguments: ["directory", "link", "fifo", "no folder"])
  func whatIsNotAFileIsRefused(kind: String) async throws {
    var path = partial
    let expected: Int32
    switch kind {
    case "directory":
      try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: false)
      expected = EISDIR
    case "link":
      try folder.put("victim", [1, 2, 3])
      try FileManager.default.createSymbolicLink(atPath: path.string, withDestinationPath: "victim")
      expected = ELOOP
    case "fifo":
      #expect(mkfifo(path.string, 0o600) == 0)
      expected = EINVAL
    default:
      path = FilePath("\(folder.path)/none/part")
      expected = ENOENT
    }
    await #expect(throws: failure(.disk(errno: expected))) {
      try await downloader.download(web.url("ok", size: 10), to: path, expectedLength: 10)
    }
    #expect(folder.bytes("victim") ?? [1, 2, 3] == [1, 2, 3])
    #expect(try await web.requests().isEmpty)
  }

  @Test(.enabled(if: geteuid() == 0, "needs root to mount a tiny file system"))
  func aFullDiskEndsItAtOnceAndKeepsWhatCame() async throws {
    try #require(mount("tmpfs", folder.path, "tmpfs", 0, "size=128k") == 0)
    defer { umount2(folder.path, Int32(MNT_DETACH)) }
    await #expect(throws: failure(.disk(errno: ENOSPC))) {
      try await downloader.download(web.url("ok", size: 1_000_000), to: partial, expectedLength: 1_000_000)
    }
    #expect(pauses.all.isEmpty)
    #expect(try await web.requests().count == 1)
  }
}
