import Foundation

/// A certification authority for a test, made by openssl.
struct Authority {
  let folder: Folder
  let name: String
  var file: String { "\(folder.path)/\(name).crt" }

  /// - Parameter above: who signs it; nil: itself.
  init(_ name: String, in folder: Folder, above: Authority? = nil) throws {
    self.folder = folder
    self.name = name
    let signed = above.map { ["-CA", $0.file, "-CAkey", "\($0.folder.path)/\($0.name).key"] } ?? []
    try request(name, ["-subj", "/CN=\(name)", "-addext", "keyUsage=critical,keyCertSign,cRLSign"] + signed)
  }

  /// The files of a certificate for `names` (such as `DNS:localhost`), and of its key; `yesterday`: it has expired.
  func issue(_ subject: String, names: String, yesterday: Bool = false) throws -> (certificate: String, key: String) {
    try request(
      subject,
      [
        "-subj", "/CN=\(subject)", "-addext", "subjectAltName=\(names)", "-addext",
        "basicConstraints=critical,CA:FALSE",
        "-CA", file, "-CAkey", "\(folder.path)/\(name).key",
      ], prefix: yesterday ? ["faketime", "-f", "-5d"] : [])
    return ("\(folder.path)/\(subject).crt", "\(folder.path)/\(subject).key")
  }

  private func request(_ subject: String, _ arguments: [String], prefix: [String] = []) throws {
    let openssl = Process()
    openssl.executableURL = URL(filePath: "/usr/bin/env")
    openssl.arguments =
      prefix + [
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
        "-keyout", "\(folder.path)/\(subject).key", "-out", "\(folder.path)/\(subject).crt",
      ] + arguments
    openssl.standardError = FileHandle.nullDevice
    try openssl.run()
    openssl.waitUntilExit()
    guard openssl.terminationStatus == 0 else { throw CocoaError(.executableRuntimeMismatch) }
    // Squid reads its key as another user.
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: "\(folder.path)/\(subject).key")
  }
}
