import NIOCore
import NIOHTTP1

/// Rewrites requests to the form that a proxy wants for plain http: `GET http://host/path` (RFC 9112, 3.2.2).
///
/// AsyncHTTPClient tunnels everything with CONNECT, but many proxies allow that to port 443 only.
final class AbsoluteForm: ChannelOutboundHandler {
  typealias OutboundIn = HTTPClientRequestPart
  typealias OutboundOut = HTTPClientRequestPart

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    guard case .head(var head) = unwrapOutboundIn(data), let host = head.headers.first(name: "host") else {
      context.write(data, promise: promise)
      return
    }
    head.uri = "http://\(host)\(head.uri)"
    context.write(wrapOutboundOut(.head(head)), promise: promise)
  }

  /// Puts a handler behind the encoder of a new connection. The client offers this one place to reach its pipeline, and
  /// calls it on the connection's event loop.
  static func install(on channel: any Channel) -> EventLoopFuture<Void> {
    channel.eventLoop.makeCompletedFuture {
      let pipeline = channel.pipeline.syncOperations
      try pipeline.addHandler(AbsoluteForm(), position: .after(try pipeline.handler(type: HTTPRequestEncoder.self)))
    }
  }
}
