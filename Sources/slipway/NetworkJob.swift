import Prerequisites
import Product
import Proxies

/// The addresses that a product needs, and how they are reached: what the process is told that tries them.
struct NetworkJob: Codable, Sendable {
  struct Address: Codable, Sendable, Hashable {
    var host: String
    var port: Int
    /// Whether a TLS handshake follows the connection.
    var isSecure: Bool
    var isRepository: Bool

    /// What a proxy decision is asked for.
    var url: String {
      "\(isSecure ? "https" : "http")://\(host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host):\(port)/"
    }

    func report(_ obstacle: EndpointReport.Obstacle) -> EndpointReport {
      EndpointReport(host: host, port: port, isRepository: isRepository, obstacle: obstacle)
    }
  }

  /// Addresses tried at a time.
  static let width = 16
  /// Seconds for one address, all its steps together.
  static let patience = 12
  /// Seconds for a proxy script: to be brought, once, and to decide for the first address. A poll has more.
  static let scriptPatience = (bringing: 10, all: 10 + Int(PACLimits().total))

  var addresses: [Address]
  /// Asked for the time: the repository's metadata folders.
  var metadata: [String]
  var proxy: Proxy
  /// Whom TLS trusts besides the system's authorities.
  var caFile: String?

  /// Proxy settings as people write them.
  struct Proxy: Codable, Sendable {
    var mode: ProxyMode
    var servers: [String]
    var bypass: [String]
    var script: String?
    /// Of the shell, for the mode that they make; with passwords, so they travel by standard input alone.
    var variables: [String: String] = [:]

    /// Nothing is set for the device, so what a person's shell says counts for what he types.
    init(variables: [String: String]) {
      self.init(ProxySettings(.environment))
      self.variables = variables
    }

    init(_ settings: ProxySettings) {
      mode = settings.mode
      servers = settings.servers.map(\.description)
      bypass = settings.bypass.map(\.description)
      script = settings.script?.description
    }

    func settings() throws -> ProxySettings {
      ProxySettings(
        mode, servers: try servers.map { try ManualProxy(parsing: $0) },
        bypass: try bypass.map { try BypassRule(parsing: $0) }, script: try script.map { try ScriptSource(parsing: $0) }
      )
    }
  }

  /// nil where nothing needs the network.
  ///
  /// - Parameter variables: of the shell that the command was typed in, where they name a proxy.
  init?(_ product: ProductManifest, _ wishes: Configuration, variables: [String: String]) {
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
    caFile = wishes.caFile
    proxy =
      wishes.proxy == nil && !variables.isEmpty
      ? Proxy(variables: variables) : Proxy(wishes.proxy ?? ProxySettings())
  }

  /// Seconds for all of it: the process itself ends in time, and is ended if it does not.
  var bound: Int {
    let isScripted = proxy.mode == .autoscript || proxy.mode == .autodetect
    return 3 + (isScripted ? Self.scriptPatience.all : 0)
      + Self.patience * ((addresses.count + Self.width) / Self.width)
  }
}
