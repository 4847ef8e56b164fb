import Posix
import SystemPackage

/// What the network has told this machine about proxy scripts.
public struct NetworkHints: Sendable, Hashable {
  /// From DHCP, in the order in which they are tried.
  public let scripts: [String]
  /// Search domains.
  public let domains: [String]

  public init(scripts: [String] = [], domains: [String] = []) {
    self.scripts = scripts
    self.domains = domains
  }

  /// Where the lease files of DHCP clients are, below the root; those that cannot be read count as absent. NetworkManager's
  /// own folder is not among them: nobody but root may look into it.
  private static let folders: [(path: String, prefix: String)] = [
    ("run/systemd/netif/leases", ""), ("var/lib/dhcp", "dhclient"), ("var/lib/dhclient", "dhclient"),
    ("run/NetworkManager", "dhclient"),
  ]

  /// - Parameter now: seconds since the epoch.
  public static func gathered(root: FilePath = "/", now: Int64) -> NetworkHints {
    var leases: [DHCPLease] = []
    for (path, prefix) in folders {
      guard let folder = try? Directory.open(root.appending(path)), let names = try? folder.names() else { continue }
      for name in names.prefix(64) where name.hasPrefix(prefix) {
        guard let bytes = (try? folder.read(name, limit: DHCPLease.limit)) ?? nil else { continue }
        leases += name.hasPrefix("dhclient") ? DHCPLease.dhclient(bytes, now: now) : [DHCPLease(networkd: bytes)]
      }
    }
    return NetworkHints(leases, searching: searchDomains(resolverFile(root)))
  }

  /// Where systemd-resolved or NetworkManager writes it, it is a link.
  private static func resolverFile(_ root: FilePath) -> [UInt8] {
    let path = root.appending("etc/resolv.conf")
    guard let file = try? FileDescriptor.readingFile(path) else { return [] }
    defer { try? file.close() }
    return (try? file.readAll(limit: 1 << 16, path: path.string)) ?? []
  }

  init(_ leases: [DHCPLease], searching domains: [String]) {
    var seen: Set<String> = []
    scripts = leases.compactMap(\.script).filter { seen.insert($0).inserted }
    self.domains = (domains + leases.flatMap(\.domains)).compactMap(Self.domain).filter { seen.insert($0).inserted }
  }

  /// In lower case, without dots at its ends; nil for what is no domain of at least two labels: below a single one, or
  /// at the top, `wpad` would be a stranger's.
  private static func domain(_ text: String) -> String? {
    var name = text.lowercased()[...]
    if name.hasPrefix(".") { name = name.dropFirst() }
    if name.hasSuffix(".") { name = name.dropLast() }
    guard name.contains("."), HostAndPort.isName(String(name)), IPAddress(parsing: String(name)) == nil else {
      return nil
    }
    return String(name)
  }

  /// resolv.conf(5): the last `search` or `domain` counts.
  static func searchDomains(_ bytes: [UInt8]) -> [String] {
    var domains: [String] = []
    for line in bytes.split(separator: 0x0A) {
      let words = line.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }.map { String(decoding: $0, as: UTF8.self) }
      if words.first == "search" || words.first == "domain" { domains = Array(words.dropFirst().prefix(32)) }
    }
    return domains
  }
}
