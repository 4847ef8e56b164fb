import Glibc
import Installation
import Logging
import Posix
import Product
import SystemPackage
import Testing
import Transport

@testable import Updating

/// Fetch's own folder after somebody else has been in it. Nobody answers at the repository's address.
@Suite final class FetchTests {
  let path: FilePath
  let layout: Layout
  let folder: Directory

  init() throws {
    var template = Array("/tmp/slipway-fetch-XXXXXX".utf8CString)
    path = FilePath(String(cString: try #require(mkdtemp(&template))))
    layout = Layout(root: path, product: try ProductID("room-agent"))
    try Preparation(layout).makeFolders()
    folder = try Directory.make(layout.fetch, below: path)
  }

  deinit {
    if let parent = try? Directory.open(path.removingLastComponent()), let name = path.lastComponent?.string {
      try? parent.removeTree(name)
    }
  }

  private func wanted(_ text: String) throws {
    try DurableFile.write(Array(text.utf8), "wanted.json", in: try Directory.open(layout.state))
  }

  private func poll() async -> Failure? {
    let nowhere = RepositoryLocations(metadata: ["http://127.0.0.1:1/"], targets: ["http://127.0.0.1:1/"])
    var settings = TransportSettings()
    settings.retry.maximumAttempts = 1
    let fetch = Fetch(
      layout: layout, repository: nowhere, bandwidth: nil, downloader: Downloader(settings: settings), clock: .host,
      log: Logger(label: "test"))
    do {
      try await fetch.run(qualify: false)
      return nil
    } catch { return Failure(error) }
  }

  @Test(arguments: ["lock", "ready", "result.json", ".result.json.new", "partial", "outgoing"])
  func whatIsNotOfItsKindDoesNotStopThePoll(_ name: String) async throws {
    try wanted(#"{"schema":"slipway.wanted/1","rootVersion":1,"metadata":{},"follow":[],"kept":[],"targets":[]}"#)
    for plant in ["folder", "link", "file"] {
      if try folder.status(name) != nil { try folder.removeTree(name) }
      switch plant {
      case "folder": try folder.makeDirectory(name, mode: 0o755).create("x", mode: 0o644).close()
      case "link": try folder.makeLink(name, to: "/etc")
      default: if name == "partial" || name == "outgoing" { try folder.create(name, mode: 0o644).close() }
      }
      #expect(await poll()?.code == .repositoryUnreachable, "\(plant)")
      #expect(try folder.status("result.json")?.kind == .file, "\(plant)")
      #expect(try folder.status("ready") == nil, "\(plant)")
    }
  }

  @Test func aMalformedWishListIsNamedInWords() async throws {
    try wanted(#"{"schema":"slipway.wanted/1","metadata":{}}"#)
    let failure = try #require(await poll())
    #expect(failure.message == "\(layout.state)/wanted.json: 'rootVersion' is missing")
    #expect(failure.remedy?.contains("slipway apply") == true)
  }

  @Test func aMalformedManifestIsNamedWithItsFileAndARemedy() throws {
    try DurableFile.write(Array("{}".utf8), "app-1.0.0.product.json", in: try Directory.open(layout.trees))
    do {
      _ = try Device.manifest(of: SemanticVersion("1.0.0"), layout)
      Issue.record("it was read")
    } catch {
      let failure = Failure(error)
      #expect(failure.code == .damaged)
      #expect(failure.message.hasPrefix("\(layout.trees)/app-1.0.0.product.json: "))
      #expect(failure.remedy != nil)
    }
  }
}
