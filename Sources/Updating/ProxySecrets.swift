import Glibc
import Installation
import Posix
import Product
import Proxies

/// The file with the credentials of proxies: fetch's user reads it, root writes it, and nobody else may see it.
public struct ProxySecrets: Sendable {
  static let name = "proxy-credentials"
  private static let limit = 256 << 10

  let layout: Layout

  public init(_ layout: Layout) { self.layout = layout }

  private var path: String { "\(layout.configuration)/\(Self.name)" }

  /// - Throws: exit code 78 for a file that others may read, or that is not what it should be.
  public func read() throws -> ProxyCredentialsFile {
    guard let folder = try? Directory.open(layout.configuration), let status = try folder.status(Self.name) else {
      return ProxyCredentialsFile()
    }
    guard status.kind == .file, status.mode & 0o077 == 0 else {
      throw Failure(
        .malformedConfiguration, name: "configuration", "\(path): this file of passwords is open to others",
        remedy: "chmod 600 \(path), and think about new passwords")
    }
    guard let bytes = try folder.read(Self.name, limit: Self.limit) else { return ProxyCredentialsFile() }
    do throws(ProxyCredentialsFile.Malformed) {
      return try ProxyCredentialsFile(parsing: bytes)
    } catch {
      throw Failure(
        .malformedConfiguration, name: "configuration", "\(path): \(error)",
        remedy: "remove that line, and set the credentials again: slipway proxy credentials HOST:PORT USER")
    }
  }

  /// Owned by fetch's user from its first byte on. A file that would hold nothing is removed.
  public func write(_ file: ProxyCredentialsFile) throws {
    let folder = try Directory.open(layout.configuration)
    if file.isEmpty {
      guard try folder.status(Self.name) != nil else { return }
      try folder.unlink(Self.name)
      return try folder.synchronize()
    }
    // Below another root a person's own device has no user for fetch: it runs as that person.
    let account = geteuid() == 0 ? Accounts(layout).find(layout.fetchUser) : nil
    try DurableFile.write(
      file.bytes, Self.name, in: folder, mode: 0o600, owner: account.map { ($0.user, $0.group) })
  }
}
