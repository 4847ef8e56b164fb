import Foundation

@testable import Transport

/// What is behind the proxies: a web server with TLS, and who signed its certificate.
final class Behind: Sendable {
  let caFile: String
  let port: Int
  private let folder: Folder
  private let server: Script

  init(names: String = "DNS:localhost,IP:127.0.0.1,DNS:repository.test,DNS:forbidden.test", yesterday: Bool = false)
    throws
  {
    folder = try Folder()
    let authority = try Authority("Behind CA", in: folder)
    let (certificate, key) = try authority.issue("server", names: names, yesterday: yesterday)
    caFile = authority.file
    server = try Script("server.py", certificate, key)
    port = server.port
  }

  func url(_ mode: String, size: Int, host: String = "repository.test") -> String {
    "https://\(host):\(port)/\(mode)/file.bin?size=\(size)"
  }

  /// All requests so far, oldest first.
  func requests() async throws -> [Web.Request] {
    var settings = TransportSettings.test
    settings.caFile = caFile
    let log =
      try await Downloader(settings: settings).small("https://localhost:\(port)/log", maximumLength: 1 << 20) ?? []
    return try log.split(separator: UInt8(ascii: "\n")).map {
      try JSONDecoder().decode(Web.Request.self, from: Data($0))
    }
  }
}
