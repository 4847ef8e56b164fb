import NIOCore
import NIOHTTP1
import NIOPosix
import Proxies

extension Dialer {
  /// The time by a server's clock: the Date of its answer to a request for the headers of `path`.
  ///
  /// - Parameter patience: for each step.
  /// - Returns: seconds since 1970; nil where the server is not reached, or says nothing of the time.
  public func serverTime(
    host: String, port: Int, isSecure: Bool, path: String, through route: ProxyRoute = .direct,
    patience: Duration = .seconds(5)
  ) async -> Int64? {
    let passage = Passage(route: route, origin: Origin(host: host, port: port, isSecure: isSecure))
    // A proxy that sees the request may answer it itself, with a time of its own.
    guard !passage.isForwarded else { return nil }
    let (hop, hopPort) = passage.hop
    let channel = try? await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connectTimeout(TimeAmount(patience))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHTTPClientHandlers() }
      }
      .connect(host: hop, port: hopPort).get()
    guard let channel else { return nil }
    defer { channel.close(promise: nil) }
    do {
      try await prepare(channel, for: passage, patience: patience)
      return try await dateOfAnswer(channel, to: passage, path, patience)
    } catch { return nil }
  }

  private func dateOfAnswer(
    _ channel: any Channel, to passage: Passage, _ path: String, _ patience: Duration
  ) async throws -> Int64? {
    let headers = HTTPHeaders([("Host", passage.origin.authority), ("User-Agent", userAgent), ("Connection", "close")])
    let head = HTTPRequestHead(version: .http1_1, method: .HEAD, uri: path, headers: headers)
    return try await channel.eventLoop.flatSubmit {
      let answer = channel.eventLoop.makePromise(of: Int64?.self)
      do {
        try channel.pipeline.syncOperations.addHandler(DateReader(answer))
      } catch { answer.fail(error) }
      channel.write(HTTPClientRequestPart.head(head), promise: nil)
      channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
      let alarm = channel.eventLoop.scheduleTask(in: TimeAmount(patience)) { answer.fail(ChannelError.eof) }
      answer.futureResult.whenComplete { _ in alarm.cancel() }
      return answer.futureResult
    }.get()
  }
}

/// Waits for the head of one answer.
private final class DateReader: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart

  private let answer: EventLoopPromise<Int64?>

  init(_ answer: EventLoopPromise<Int64?>) { self.answer = answer }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if case .head(let head) = unwrapInboundIn(data) {
      answer.succeed(head.headers.first(name: "Date").flatMap { HTTPDate.seconds($0) })
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { answer.fail(error) }

  func channelInactive(context: ChannelHandlerContext) { answer.fail(ChannelError.eof) }
}
