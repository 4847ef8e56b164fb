import AsyncHTTPClient
import NIOCore

/// The HTTP clients for the ways that a request may take, and the choice among them.
final class Connections: Sendable {
  /// How a request leaves the device.
  enum Route: Equatable {
    case direct
    /// https through the proxy, by CONNECT.
    case tunnel
    /// Plain http through the proxy, which sees the request.
    case forward
  }

  private let proxy: ProxySetting?
  private let userAgent: String
  private let direct: HTTPClient
  private let tunnel: HTTPClient?
  private let forward: HTTPClient?

  init(settings: TransportSettings, proxy: ProxySetting?) {
    self.proxy = proxy
    userAgent = settings.userAgent
    var configuration = HTTPClient.Configuration()
    // HTTP/1.1 has all that plain files need; redirects are followed here, where their bounds are.
    configuration.httpVersion = .http1Only
    configuration.redirectConfiguration = .disallow
    configuration.timeout.connect = TimeAmount(settings.connectTimeout)
    configuration.timeout.read = TimeAmount(settings.stallWindow)
    // The backoff is ours: the client's own would hide why a connection failed until its time is up.
    configuration.connectionPool.retryConnectionEstablishment = false
    direct = HTTPClient(configuration: configuration)
    guard let proxy else {
      tunnel = nil
      forward = nil
      return
    }
    var forwarding = configuration
    forwarding.http1_1ConnectionDebugInitializer = AbsoluteForm.install(on:)
    forward = HTTPClient(configuration: forwarding)
    configuration.proxy = .server(host: proxy.host, port: proxy.port)
    tunnel = HTTPClient(configuration: configuration)
  }

  deinit {
    for client in [direct, tunnel, forward] { client?.shutdown { _ in } }
  }

  func route(to address: WebAddress) -> Route {
    guard let proxy, !proxy.bypasses(address.host) else { return .direct }
    return address.isSecure ? .tunnel : .forward
  }

  /// One request, no redirect followed. The answer's body has not been read when this returns.
  func get(_ address: WebAddress, headers: [(String, String)], deadline: NIODeadline) async throws -> HTTPClientResponse
  {
    var request = HTTPClientRequest(url: address.text)
    request.headers.add(name: "User-Agent", value: userAgent)
    request.headers.add(name: "Accept", value: "*/*")
    // A compressed answer would be neither the bytes that were signed nor the length that was announced.
    request.headers.add(name: "Accept-Encoding", value: "identity")
    request.headers.add(contentsOf: .init(headers))
    var client = direct
    switch route(to: address) {
    case .direct: break
    case .tunnel: client = tunnel ?? direct
    case .forward:
      guard let proxy, let forward else { break }
      let host = proxy.host.contains(":") ? "[\(proxy.host)]" : proxy.host
      request.url = "http://\(host):\(proxy.port)\(address.pathAndQuery)"
      request.headers.add(name: "Host", value: address.authority)
      client = forward
    }
    return try await client.execute(request, deadline: deadline)
  }
}
