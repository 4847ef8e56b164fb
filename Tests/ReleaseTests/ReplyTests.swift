import NIOHTTP1
import SystemPackage
import Testing

@testable import slipway_release

@Suite struct ReplyTests {
  private let shop: Shop
  private let folder: SharedFolder

  init() throws {
    shop = try Shop()
    try shop.write("0123456789", "web/a.bin")
    folder = try SharedFolder(shop.path.appending("web"))
  }

  private func reply(_ headers: [(String, String)] = [], method: HTTPMethod = .GET, uri: String = "/a.bin") -> Reply {
    Reply(to: HTTPRequestHead(version: .http1_1, method: method, uri: uri, headers: HTTPHeaders(headers)), in: folder)
  }

  @Test func onlyReadingIsAllowed() {
    for method in [HTTPMethod.POST, .PUT, .DELETE, .OPTIONS] { #expect(reply(method: method).head.status.code == 405) }
  }

  @Test func headHasTheLengthAndNoBody() {
    let head = reply(method: .HEAD)
    #expect(head.head.headers["content-length"] == ["10"])
    #expect(head.body == nil)
  }

  @Test func aDownloadGoesOnOnlyWithTheSameFile() throws {
    let tag = try #require(reply().head.headers["etag"].first)
    let resumed = reply([("range", "bytes=4-"), ("if-range", tag)])
    #expect(resumed.head.status == .partialContent)
    #expect(resumed.head.headers["content-range"] == ["bytes 4-9/10"])
    #expect(resumed.body?.range == 4..<10)
    try shop.write("9876543210", "web/a.bin")
    let restarted = reply([("range", "bytes=4-"), ("if-range", tag)])
    #expect(restarted.head.status == .ok)
    #expect(restarted.body?.range == 0..<10)
    #expect(reply([("range", "bytes=10-")]).head.status == .rangeNotSatisfiable)
  }

  @Test func anUnchangedFileIsNotSentAgain() throws {
    let tag = try #require(reply().head.headers["etag"].first)
    #expect(reply([("if-none-match", tag)]).head.status == .notModified)
    #expect(reply([("if-none-match", "\"other\"")]).head.status == .ok)
  }

  @Test func linksAndFoldersAreNotThere() async throws {
    _ = try await Program.run("/bin/ln", ["-s", shop["secret"], shop["web/link"]])
    _ = try await Program.run("/usr/bin/mkfifo", [shop["web/fifo"]])
    for uri in ["/link", "/fifo", "/", "/none"] { #expect(reply(uri: uri).head.status == .notFound, "\(uri)") }
  }
}
