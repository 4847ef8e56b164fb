import Prerequisites
import Product
import Proxies
import Transport

/// The addresses that a product needs, and how they are reached: what the process is told that tries them.
struct NetworkJob: Codable, Sendable {
  struct Address: Codable, Sendable, Hashable {
    var host: String
    var port: Int
    /// Whether a TLS handshake follows the connection.
    var isSecure: Bool
    var isRepository: Bool

    func report(_ obstacle: EndpointReport.Obstacle) -> EndpointReport {
      EndpointReport(host: host, port: port, isRepository: isRepository, obstacle: obstacle)
    }
  }

  /// Addresses tried at a time.
  static let width = 16
  /// Seconds for one address, all its steps together.
  static let patience = 12

  var addresses: [Address]
  /// Asked for the time: the repository's metadata folders.
  var metadata: [String]
  /// Tried in order; none: directly.
  var servers: [Server] = []
  /// Hosts that are reached directly all the same.
  var bypass: [String] = []

  struct Server: Codable, Sendable {
    var host: String
    var port: Int
  }

  /// nil where nothing needs the network.
  init?(_ product: ProductManifest, _ wishes: Configuration) {
    // Nothing but web traffic on port 80 goes without TLS.
    var addresses = product.prerequisites.network.map {
      Address(host: $0.host, port: $0.port, isSecure: $0.port != 80, isRepository: false)
    }
    let repository = wishes.repository(for: product)
    for url in repository.metadata + repository.targets {
      guard let base = WebAddress(url), !addresses.contains(where: { $0.host == base.host && $0.port == base.port })
      else { continue }
      addresses.append(
        Address(host: base.host, port: base.port, isSecure: base.scheme == .https, isRepository: true))
    }
    guard !addresses.isEmpty else { return nil }
    self.addresses = addresses
    metadata = repository.metadata
    if case .manual(let servers, let bypass)? = wishes.proxy {
      self.servers = servers.map { Server(host: $0.host, port: $0.port) }
      self.bypass = bypass
    }
  }

  /// The ways to an address, in the order in which they are tried.
  func routes(to address: Address) -> [ProxyRoute] {
    let routes = servers.compactMap { server -> ProxyRoute? in
      let setting = ProxySetting(host: server.host, port: server.port, bypass: bypass)
      return setting.bypasses(address.host)
        ? nil : .through(ProxyEndpoint(.http, host: server.host, port: server.port))
    }
    return routes.isEmpty ? [.direct] : routes
  }

  /// How servers are reached, in one line.
  var proxyText: String {
    servers.isEmpty ? "none is set" : "manual " + servers.map { "\($0.host):\($0.port)" }.joined(separator: ", ")
  }

  /// Seconds for all of it: the process itself ends in time, and is ended if it does not.
  var bound: Int { 3 + Self.patience * ((addresses.count + Self.width) / Self.width) }
}
