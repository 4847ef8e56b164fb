import AsyncHTTPClient
import NIOCore
import Proxies
import Synchronization

/// The HTTP clients for the ways that requests take: one for each, for a client keeps its connections for itself.
final class Connections: Sendable {
  private let dialer: Dialer
  private let settings: TransportSettings
  private let clients = Mutex<[Passage: HTTPClient]>([:])

  init(settings: TransportSettings, credentials: @escaping Dialer.CredentialStore) {
    self.settings = settings
    dialer = Dialer(
      caFile: settings.caFile, identity: settings.identity, userAgent: settings.userAgent, credentials: credentials)
  }

  deinit {
    for client in clients.withLock({ $0.values }) { client.shutdown { _ in } }
  }

  /// One request, no redirect followed. The answer's body has not been read when this returns.
  /// - Throws: `DialError` when no connection could be made, and whatever the client throws after that.
  func get(
    _ address: WebAddress, by route: ProxyRoute, headers: [(String, String)], deadline: NIODeadline
  ) async throws -> HTTPClientResponse {
    let passage = Passage(route: route, origin: address.origin)
    // The client knows the hop only, and speaks plain HTTP to it: what lies between is the dialer's.
    let hop = Origin(host: passage.hop.host, port: passage.hop.port, isSecure: false)
    var request = HTTPClientRequest(url: "http://\(hop.authority)\(address.pathAndQuery)")
    request.headers.add(name: "Host", value: address.authority)
    request.headers.add(name: "User-Agent", value: settings.userAgent)
    request.headers.add(name: "Accept", value: "*/*")
    // A compressed answer would be neither the bytes that were signed nor the length that was announced.
    request.headers.add(name: "Accept-Encoding", value: "identity")
    request.headers.add(contentsOf: .init(headers))
    do {
      let response = try await client(for: passage).execute(request, deadline: deadline)
      // Only a proxy that sees the request can mean itself.
      if passage.isForwarded, response.status == .proxyAuthenticationRequired {
        throw DialError(status: 407, wanting: ProxyChallenge.schemes(response.headers["Proxy-Authenticate"]))
      }
      return response
    } catch { throw DialError(connecting: error) ?? error }
  }

  private func client(for passage: Passage) -> HTTPClient {
    clients.withLock { clients in
      if let client = clients[passage] { return client }
      let client = HTTPClient(configuration: configuration(for: passage))
      clients[passage] = client
      return client
    }
  }

  private func configuration(for passage: Passage) -> HTTPClient.Configuration {
    var configuration = HTTPClient.Configuration()
    // HTTP/1.1 has all that plain files need; redirects are followed by the downloader, where their bounds are.
    configuration.httpVersion = .http1Only
    configuration.redirectConfiguration = .disallow
    configuration.timeout.connect = TimeAmount(settings.connectTimeout)
    configuration.timeout.read = TimeAmount(settings.stallWindow)
    // The backoff is ours: the client's own would hide why a connection failed until its time is up.
    configuration.connectionPool.retryConnectionEstablishment = false
    // The one place where a pipeline can be reached. No request is sent before what it returns is done.
    configuration.http1_1ConnectionDebugInitializer = { [dialer, settings] channel in
      let ready = channel.eventLoop.makePromise(of: Void.self)
      ready.completeWithTask {
        try await dialer.prepare(channel, for: passage, patience: settings.connectTimeout)
        if passage.isForwarded {
          try await AbsoluteForm.install(on: channel, credentials: dialer.credentials(for: passage))
        }
      }
      return ready.futureResult
    }
    return configuration
  }
}
