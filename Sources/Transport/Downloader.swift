import AsyncHTTPClient
import NIOCore
import Proxies

/// Chooses the ways to a server, in the order in which they are to be tried; none means directly. Asked anew for every
/// redirect. What it throws ends the try at this server.
public typealias RouteDecision = @Sendable (_ url: String, _ host: String) async throws -> [ProxyRoute]

/// Brings files from web servers: bounded in bytes and time, redirects counted, by the ways that a proxy decision names.
/// It trusts nothing that it brings; signatures and hashes are for whoever uses the bytes.
public struct Downloader: Sendable {
  let settings: TransportSettings
  let environment: TransportEnvironment
  private let decide: RouteDecision
  private let dead = DeadProxies()
  private let connections: Connections

  /// - Parameter credentials: asked for the endpoint that a route names, so that they go to no other.
  public init(
    settings: TransportSettings = .init(), routes: @escaping RouteDecision = { _, _ in [.direct] },
    credentials: @escaping Dialer.CredentialStore = { _ in nil }, environment: TransportEnvironment = .live
  ) {
    self.settings = settings
    self.environment = environment
    decide = routes
    connections = Connections(settings: settings, credentials: credentials)
  }

  /// One answer, with the address that it came from after redirects.
  struct Answer {
    let address: WebAddress
    let route: ProxyRoute
    let response: HTTPClientResponse
    var status: Int { Int(response.status.code) }
    func header(_ name: String) -> String? { response.headers.first(name: name) }
  }

  /// `name` below `base`, whether or not the base ends in a slash.
  static func join(_ base: String, _ name: String) -> String {
    base.hasSuffix("/") ? base + name : "\(base)/\(name)"
  }

  /// A GET that follows redirects: at most ``TransportSettings/maximumRedirects``, and never from https to http.
  /// `deadline` is on the environment's monotonic clock.
  func get(_ url: String, headers: [(String, String)] = [], deadline: Duration) async throws(TransportError) -> Answer {
    guard var address = WebAddress(url) else { throw TransportError(.invalidURL, url) }
    for _ in 0...max(settings.maximumRedirects, 0) {
      let answer = try await get(address, headers: headers, deadline: deadline)
      guard [301, 302, 303, 307, 308].contains(answer.status) else { return answer }
      let next = try address.redirected(to: answer.header("location"))
      await drain(answer, deadline: deadline)
      address = next
    }
    throw TransportError(.invalidAnswer, url, "more than \(settings.maximumRedirects) redirects")
  }

  /// By the first way that leads to the server.
  private func get(
    _ address: WebAddress, headers: [(String, String)], deadline: Duration
  ) async throws(TransportError) -> Answer {
    var failures: [(ProxyRoute, DialError)] = []
    for route in dead.ordered(try await routes(to: address), now: environment.monotonic()) {
      let left = deadline - environment.monotonic()
      guard left > .zero else { throw TransportError(.overdue, address.text) }
      // One answer may take as long as a stalled body may, but never longer than the whole.
      let patience = TimeAmount(min(left, settings.connectTimeout + settings.stallWindow))
      do {
        let response = try await connections.get(address, by: route, headers: headers, deadline: .now() + patience)
        dead.note(route, isDead: false, now: environment.monotonic())
        return Answer(address: address, route: route, response: response)
      } catch let error as DialError where error.isHopDead && !Task.isCancelled {
        dead.note(route, isDead: true, now: environment.monotonic())
        failures.append((route, error))
      } catch { throw translate(error, at: address, by: route) }
    }
    throw TransportError(failures, place: address.text)
  }

  private func routes(to address: WebAddress) async throws(TransportError) -> [ProxyRoute] {
    do {
      let routes = try await decide(address.text, address.host)
      return routes.isEmpty ? [.direct] : routes
    } catch {
      if Task.isCancelled { throw TransportError(.cancelled, address.text) }
      throw TransportError(.unreachable(.proxy), address.text, "no proxy decision: \(error)")
    }
  }

  /// Hands the body on piece by piece. More than `limit` bytes, a stall, a passed deadline or cancellation end it.
  func read(
    _ answer: Answer, limit: Int64, deadline: Duration, bandwidth: Int64? = nil,
    _ body: (ByteBuffer) async throws -> Void
  ) async throws(TransportError) {
    var received: Int64 = 0
    var meter = StallMeter(
      window: settings.stallWindow, minimumRate: settings.stallRate, now: environment.monotonic())
    var pacer = bandwidth.map { Pacer(rate: $0, now: environment.monotonic()) }
    let place = answer.address.text
    do {
      for try await chunk in answer.response.body {
        try Task.checkCancellation()
        received += Int64(chunk.readableBytes)
        guard received <= limit else { throw TransportError(.tooLarge, place, "more than \(limit) bytes") }
        try await body(chunk)
        let now = environment.monotonic()
        guard now < deadline else { throw TransportError(.overdue, place) }
        if meter.isStalled(afterReceiving: chunk.readableBytes, now: now) {
          throw TransportError(.stalled, place, "under \(settings.stallRate) bytes a second")
        }
        if let pause = pacer?.pause(afterReceiving: chunk.readableBytes, now: now), pause > .zero {
          try await environment.pause(pause)
          meter.excuse(pause)
        }
      }
      // A cancelled body may end as if it were whole.
      try Task.checkCancellation()
    } catch { throw translate(error, at: answer.address, by: answer.route) }
  }

  /// Reads away what is left of a short answer, so that its connection can be used again; a long one is cut off.
  func drain(_ answer: Answer, deadline: Duration) async {
    try? await read(answer, limit: 64 << 10, deadline: deadline) { _ in }
  }

  /// The failure that an answer's status means.
  func refusal(_ answer: Answer) -> TransportError {
    TransportError(
      .refused(status: answer.status), answer.address.text, "",
      retryAfter: RetryAfter.wait(answer.header("retry-after"), now: environment.wallSeconds()))
  }

  private func translate(_ error: any Error, at address: WebAddress, by route: ProxyRoute) -> TransportError {
    if Task.isCancelled { return TransportError(.cancelled, address.text) }
    return TransportError(error, place: address.text, route: route)
  }
}
