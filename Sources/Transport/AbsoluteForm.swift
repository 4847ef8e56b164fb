import NIOCore
import NIOHTTP1
import Proxies

/// Rewrites requests to the form that a proxy wants for plain http: `GET http://host/path` (RFC 9112, 3.2.2), with the
/// credentials for that proxy.
///
/// AsyncHTTPClient tunnels everything with CONNECT, but many proxies allow that to port 443 only.
final class AbsoluteForm: ChannelOutboundHandler {
  typealias OutboundIn = HTTPClientRequestPart
  typealias OutboundOut = HTTPClientRequestPart

  private let credentials: ProxyCredentials?

  private init(_ credentials: ProxyCredentials?) { self.credentials = credentials }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    guard case .head(var head) = unwrapOutboundIn(data), let host = head.headers.first(name: "host") else {
      context.write(data, promise: promise)
      return
    }
    head.uri = "http://\(host)\(head.uri)"
    if let credentials { head.headers.replaceOrAdd(name: "Proxy-Authorization", value: credentials.basic) }
    context.write(wrapOutboundOut(.head(head)), promise: promise)
  }

  /// Puts a handler behind the encoder of a new connection.
  static func install(on channel: any Channel, credentials: ProxyCredentials?) async throws {
    try await channel.eventLoop.submit {
      let pipeline = channel.pipeline.syncOperations
      try pipeline.addHandler(
        AbsoluteForm(credentials), position: .after(try pipeline.handler(type: HTTPRequestEncoder.self)))
    }.get()
  }
}
