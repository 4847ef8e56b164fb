import Glibc
import SystemPackage
import TPMState
import Testing
import Transport

@testable import TPM

/// `openssl s_server` that lets only clients in whose certificate its CA has issued, and answers with what it saw.
struct OpenSSLServer: Sendable {
  let port: Int
  let authority: FilePath

  /// Certifies the device's key with a CA made for the test, then listens.
  static func with(
    _ signer: SignerProcess, version: String, _ body: @Sendable (OpenSSLServer) async throws -> Void
  ) async throws {
    let folder = signer.tpm.folder
    try signer.tpm.write("device.pub", Array(try await signer.client.identity().area.publicKey().pem.utf8))
    try await openssl(
      folder, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key",
      "-out", "ca.pem", "-subj", "/CN=CA of the test", "-days", "2")
    try await openssl(
      folder, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "server.key",
      "-CA", "ca.pem", "-CAkey", "ca.key", "-out", "server.pem", "-subj", "/CN=localhost", "-addext",
      "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE", "-days", "2")
    try await openssl(
      folder, "x509", "-new", "-force_pubkey", "device.pub", "-subj", "/CN=device of the test", "-CA", "ca.pem",
      "-CAkey",
      "ca.key", "-days", "2", "-out", "device.pem")
    try await signer.certify(folder.appending("device.pem"))

    let log = folder.appending("server.log")
    let arguments = [
      "s_server", "-accept", "127.0.0.1:0", "-tls\(version)", "-www", "-Verify", "1", "-verify_return_error", "-CAfile",
      "\(folder)/ca.pem", "-cert", "\(folder)/server.pem", "-key", "\(folder)/server.key",
    ]
    let pid = try start("/usr/bin/openssl", arguments, output: log.string)
    defer { end(pid) }
    var port: Int?
    _ = await eventually {
      let text = String(decoding: (try? Program.read(log)) ?? [], as: UTF8.self)
      port = text.split(separator: "\n").first { $0.hasPrefix("ACCEPT ") }?.split(separator: ":").last.flatMap {
        Int($0)
      }
      return port != nil
    }
    try await body(OpenSSLServer(port: try #require(port), authority: folder.appending("ca.pem")))
  }

  /// What the server says of the connection and of whoever made it.
  func page(identity: ClientIdentity?) async throws -> String {
    var settings = TransportSettings()
    settings.caFile = authority.string
    settings.identity = identity
    settings.connectTimeout = .seconds(20)
    settings.retry.maximumAttempts = 1
    let bytes = try await Downloader(settings: settings).small("https://localhost:\(port)/", maximumLength: 65_536)
    return String(decoding: try #require(bytes), as: UTF8.self)
  }

  func failure(_ identity: ClientIdentity) async -> TransportError? {
    do {
      _ = try await page(identity: identity)
      return nil
    } catch { return error as? TransportError }
  }

  private static func openssl(_ folder: FilePath, _ words: String...) async throws {
    try await Program.check("/usr/bin/env", ["--chdir=\(folder)", "openssl"] + words)
  }
}
