/// The credentials of proxies as they are kept: `HOST:PORT`, user and password, a tab between them, a proxy a line. With
/// `https://` before the host they are for TLS alone: no script has them sent in clear.
public struct ProxyCredentialsFile: Sendable, Equatable {
  /// Errors never quote the file.
  public struct Malformed: Error, Equatable, Sendable, CustomStringConvertible {
    /// From 1.
    public let line: Int
    public var description: String { "line \(line) is not HOST:PORT, user and password with tabs between them" }
  }

  public static let userRule = "1 to 255 bytes without control characters and colons"
  public static let passwordRule = "at most 1024 bytes without control characters"

  private struct Entry: Sendable, Equatable {
    let host: String
    let port: Int
    let isSecured: Bool
    let credentials: ProxyCredentials
  }

  private var entries: [Entry] = []

  public init() {}

  public init(parsing bytes: [UInt8]) throws(Malformed) {
    for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() where !line.isEmpty
    {
      let fields = line.split(separator: 0x09, omittingEmptySubsequences: false)
        .map { String(validating: $0, as: UTF8.self) }
      let isSecured = fields[0]?.hasPrefix(Self.secured) == true
      let authority = fields[0].map { isSecured ? String($0.dropFirst(Self.secured.count)) : $0 }
      guard fields.count == 3, let place = authority.flatMap({ HostAndPort($0) }), let port = place.port,
        let user = fields[1], let password = fields[2], Self.isUser(user), Self.isPassword(password),
        !entries.contains(where: { $0.host == place.host && $0.port == port })
      else { throw Malformed(line: index + 1) }
      entries.append(
        Entry(
          host: place.host, port: port, isSecured: isSecured,
          credentials: ProxyCredentials(user: user, password: password)))
    }
  }

  public var bytes: [UInt8] {
    entries.flatMap {
      Array("\(Self.authority($0))\t\($0.credentials.user)\t\($0.credentials.password)\n".utf8)
    }
  }

  public var isEmpty: Bool { entries.isEmpty }

  /// `HOST:PORT` and the user of each, for people.
  public var users: [(proxy: String, user: String)] { entries.map { (Self.authority($0), $0.credentials.user) } }

  /// Those that were set for exactly this host and port; those for an `https` proxy go to no other kind.
  public func credentials(for endpoint: ProxyEndpoint) -> ProxyCredentials? {
    let host = endpoint.host.lowercased()
    let entry = entries.first { $0.host == host && $0.port == endpoint.port }
    return entry.flatMap { $0.isSecured && endpoint.kind != .https ? nil : $0.credentials }
  }

  /// Takes the place of what was set for the same host and port; nil takes it away.
  /// - Returns: whether something changed.
  public mutating func set(_ credentials: ProxyCredentials?, for endpoint: ProxyEndpoint) -> Bool {
    let before = entries
    entries.removeAll { $0.host == endpoint.host && $0.port == endpoint.port }
    if let credentials {
      entries.append(
        Entry(
          host: endpoint.host, port: endpoint.port, isSecured: endpoint.kind == .https, credentials: credentials))
    }
    return entries != before
  }

  public static func isUser(_ text: String) -> Bool {
    (1...255).contains(text.utf8.count) && !hasControl(text) && !text.utf8.contains(UInt8(ascii: ":"))
  }

  public static func isPassword(_ text: String) -> Bool { text.utf8.count <= 1024 && !hasControl(text) }

  private static func hasControl(_ text: String) -> Bool {
    text.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }
  }

  private static func authority(_ entry: Entry) -> String {
    (entry.isSecured ? secured : "") + ProxyEndpoint(.http, host: entry.host, port: entry.port).authority
  }

  private static let secured = "https://"
}
